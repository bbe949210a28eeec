/**
 * Unpacks the archive of a COPY step and puts its files in place; runs as root. The paths in the archive are relative
 * to the context. As in Docker: the content of a folder goes into the destination, a file becomes the destination or
 * goes into it when that ends in / or is a folder; existing folders keep their owner and mode.
 * Variables: ARCHIVE, SOURCE, DESTINATION (absolute), OWNER, MODE (may be empty).
 */
export const COPY_SCRIPT = String.raw`
set -euo pipefail
stage=$(mktemp -d /tmp/.copy.XXXXXX)
trap 'rm -rf -- "$stage" "$ARCHIVE"' EXIT
tar --extract --file "$ARCHIVE" --directory "$stage" --no-same-owner --preserve-permissions
rm -f -- "$ARCHIVE"
chown --recursive --no-dereference "$OWNER:" "$stage"
if [ -n "$MODE" ]; then chmod --recursive "$MODE" "$stage"; chmod u+rwx "$stage"; fi

# Folders that are made on the way belong to the owner of the files.
make_folder() {
  local missing=() folder=$1
  while [ ! -e "$folder" ]; do missing=("$folder" "${'$'}{missing[@]}"); folder=$(dirname -- "$folder"); done
  for folder in "${'$'}{missing[@]}"; do mkdir -- "$folder"; chown "$OWNER:" "$folder"; done
}

# Merges the content of a folder into another one.
merge() {
  make_folder "$2"
  tar --create --directory "$1" --file - . |
    tar --extract --directory "$2" --file - --no-overwrite-dir --preserve-permissions --same-owner
}

# The part of the source before the first wildcard, up to a slash.
fixed=$SOURCE
is_pattern=
case $SOURCE in
  *[*?[{]*) is_pattern=1; fixed=${'$'}{SOURCE%%[*?[\{]*}; case $fixed in */*) fixed=${'$'}{fixed%/*} ;; *) fixed=. ;; esac ;;
esac
item=$stage/$fixed

if [ -d "$item" ] && [ ! -L "$item" ]; then
  entries=("$item"/* "$item"/.[!.]* "$item"/..?*)
  found=()
  for entry in "${'$'}{entries[@]}"; do if [ -e "$entry" ] || [ -L "$entry" ]; then found+=("$entry"); fi; done
  case $DESTINATION in */) into=1 ;; *) into= ;; esac
  if [ -n "$is_pattern" ] && [ ${'$'}{#found[@]} = 1 ] && [ -z "$into" ] && [ ! -d "${'$'}{found[0]}" ] && [ ! -d "$DESTINATION" ]; then
    item=${'$'}{found[0]}
  else
    merge "$item" "$DESTINATION"
    exit 0
  fi
fi

if [ ! -e "$item" ] && [ ! -L "$item" ]; then echo "the archive does not hold $SOURCE" >&2; exit 1; fi
case $DESTINATION in */) make_folder "$DESTINATION" ;; *) make_folder "$(dirname -- "$DESTINATION")" ;; esac
if [ -d "$DESTINATION" ]; then DESTINATION=${'$'}{DESTINATION%/}/$(basename -- "$item"); fi
cp --archive --no-target-directory --remove-destination -- "$item" "$DESTINATION"
`;
