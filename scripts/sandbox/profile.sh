# For shells of the sandbox. No calls home, as in the runner.
export MASTRA_OFFLINE=1 MASTRA_TELEMETRY_DISABLED=1
# `mastra dev` in a terminal runs beside the runner, and a DuckDB file can be open in one process only.
export MASTRA_DATA_DIR=${MASTRA_DATA_DIR:-$HOME/shmastra/.data/terminal}
