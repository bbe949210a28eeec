#!/bin/bash
# Starts what runs in a sandbox: pm2 with the runner and the healer. The template's start command, run as root:
#   sudo /opt/shmastra/current/start.sh
# The first call stays in the foreground for as long as the sandbox runs. Another call only hands over an environment
# that has changed, and returns. pm2 starts before the environment is there: the runner loads Mastra meanwhile.
set -uo pipefail

root=$(dirname "$(readlink -f "$0")")
source_file=/etc/shmastra/env     # written by the control plane, readable by root only
run=/run/shmastra
published=$run/env                # the copy that the runner reads
user=user
home=/home/$user
max_chars=65536

umask 0027
install -d -m 0700 "${source_file%/*}"
# New files get the group of this folder.
install -d -m 2750 -o root -g $user $run

# Hands the environment over if it has changed. The file is data: nothing in it is run. All of this is done inside the
# shell, since somebody waits for it.
last=
publish() {
  local text='' next=''
  [[ -f $source_file && ! -L $source_file ]] || return 1
  IFS= read -rd '' -n $max_chars text < "$source_file"
  [[ $text == "$last" ]] && return 0
  local line
  while IFS= read -r line; do
    [[ $line =~ ^[A-Za-z_][A-Za-z0-9_]*= ]] && next+=$line$'\n'
  done <<< "$text"
  printf %s "$next" > $run/.env.next && mv -f $run/.env.next $published && last=$text
}

# Sleeps without starting a process.
exec {never}<> <(:)
pause() { read -rt "$1" -u $never || true; }

exec {lock}> $run/lock
if ! flock -n $lock; then
  publish
  exit 0
fi

# What an earlier run of this sandbox left: another environment may be on its way.
publish || rm -f $published
rm -f $home/.pm2/{rpc,pub,interactor}.sock $home/.pm2/pm2.pid

# No process under pm2 can gain privileges, with sudo or otherwise: agents run code there that nobody has read.
start_pm2() {
  trap - TERM INT
  umask 022
  exec {lock}>&- {never}>&-
  export HOME=$home USER=$user LOGNAME=$user SHELL=/bin/bash
  export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
  export NODE_COMPILE_CACHE=$home/.cache/shmastra/compile
  export PM2_HOME=$home/.pm2 PM2_DISABLE_VERSION_CHECK=true
  export MASTRA_OFFLINE=1 MASTRA_TELEMETRY_DISABLED=1
  exec setpriv --reuid $user --regid $user --init-groups --no-new-privs -- \
    node "$root/node_modules/pm2/bin/pm2-runtime" start --no-auto-exit "$root/ecosystem.config.cjs" < /dev/null
}

stop() {
  trap '' TERM INT
  kill -TERM "$pm2" 2> /dev/null
  wait "$pm2"
  exit 0
}
trap stop TERM INT

start_pm2 & pm2=$! started=$SECONDS
failures=0
looks=0
while :; do
  # Until the environment is there somebody waits for it; later changes are rare.
  if [[ -n $last ]]; then pause 1; elif ((++looks < 3000)); then pause 0.02; else pause 0.2; fi
  publish
  if ! kill -0 "$pm2" 2> /dev/null; then
    wait "$pm2"
    ((SECONDS - started < 300)) || failures=0
    ((failures++ < 8)) || { echo "pm2 ended $failures times: giving up" >&2; exit 1; }
    pause $((failures * failures))
    start_pm2 & pm2=$! started=$SECONDS
  fi
done
