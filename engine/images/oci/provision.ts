import { certificateEnvironment, PROFILE } from '../base-image.ts';
import { fingerprint, type HostPackages } from '../host-packages.ts';

/** Raise it when the script below changes: images are then set up anew. */
const PROVISION_RECIPE = 1;

/** What E2B's templates have beside sudo, of what works in a sandbox without an init system. */
const PACKAGES = ['sudo', 'ca-certificates', 'curl', 'git', 'jq', 'less', 'iproute2', 'procps'];

/** How an image of a registry becomes a base for templates: run as root in a sandbox, never on the host. */
export type Provisioning = {
  /** For the cache: changes when the outcome would. */
  key: unknown[];
  script: string;
  envs: Record<string, string>;
  /** Variables that all commands have on such an image. */
  env: Record<string, string>;
};

export function provisioning(host: HostPackages): Provisioning {
  const env = certificateEnvironment(host);
  return {
    key: ['provision', PROVISION_RECIPE, fingerprint(host)],
    script: SCRIPT,
    envs: {
      PACKAGES: PACKAGES.join(' '),
      HOST_SOURCES: host.debianSources.join('\n'),
      HOST_CERTIFICATES: [...host.certificates.values()].join('\n'),
      KEPT_VARIABLES: Object.keys(env).join(' '),
      PROFILE,
    },
    env,
  };
}

/**
 * Needs bash alone. Fails when there is no user or no sudo in the end; packages beyond those are installed where that is
 * possible.
 */
const SCRIPT = `
set -eu
export DEBIAN_FRONTEND=noninteractive DEBCONF_NOWARNINGS=yes
. /etc/os-release

if [ -n "$HOST_CERTIFICATES" ]; then
  mkdir -p /usr/local/share/ca-certificates
  printf '%s\\n' "$HOST_CERTIFICATES" > /usr/local/share/ca-certificates/host.crt
fi

missing=''
if command -v dpkg-query > /dev/null; then
  for package in $PACKAGES; do
    dpkg-query -W -f '\${db:Status-Abbrev}' "$package" 2> /dev/null | grep -q '^ii' || missing="$missing $package"
  done
fi
if [ -n "$missing" ] && command -v apt-get > /dev/null; then
  echo "Installing$missing"
  update='apt-get -q -o APT::Update::Error-Mode=any -o Acquire::Retries=2 -o Acquire::http::Timeout=20 update'
  found=yes
  options=''
  if ! $update; then
    found=no
    # The machine's own mirror, where the image's is out of reach.
    if [ "\${ID:-}" = debian ] && [ -n "$HOST_SOURCES" ] && [ -n "\${VERSION_CODENAME:-}" ]; then
      printf '%s\\n' "$HOST_SOURCES" | sed "s/ bookworm/ $VERSION_CODENAME/" > /tmp/host-sources.list
      options='-o Dir::Etc::sourcelist=/tmp/host-sources.list -o Dir::Etc::sourceparts=-'
      if $update $options; then found=yes; fi
    fi
  fi
  if [ $found = yes ]; then
    apt-get -q -o Dpkg::Use-Pty=0 $options install -y --no-install-recommends $missing || echo 'Not everything could be installed'
  fi
  apt-get clean
  rm -rf /var/lib/apt/lists/* /tmp/host-sources.list
fi
if [ -n "$HOST_CERTIFICATES" ] && command -v update-ca-certificates > /dev/null; then update-ca-certificates > /dev/null; fi

if ! command -v sudo > /dev/null; then
  echo "sudo is missing in this image ($ID) and could not be installed$missing" >&2
  exit 1
fi
if ! id -u user > /dev/null 2>&1; then
  if ! command -v useradd > /dev/null; then
    echo "useradd is missing in this image ($ID): the user 'user' cannot be made" >&2
    exit 1
  fi
  uid=''
  if ! getent passwd 1000 > /dev/null && ! getent group 1000 > /dev/null; then uid='--uid 1000'; fi
  if getent group user > /dev/null; then group='--gid user'; else group='--user-group'; fi
  useradd --create-home $uid $group --shell /bin/bash user
fi
mkdir -p /home/user /code /etc/sudoers.d
chown user: /home/user
chmod 777 /code
passwd -d user > /dev/null 2>&1 || true
printf 'user ALL=(ALL:ALL) NOPASSWD: ALL\\n' > /etc/sudoers.d/user
if [ -n "$KEPT_VARIABLES" ]; then printf 'Defaults env_keep += "%s"\\n' "$KEPT_VARIABLES" >> /etc/sudoers.d/user; fi
chmod 0440 /etc/sudoers.d/user
grep -Eq '^[#@]includedir /etc/sudoers.d' /etc/sudoers || echo '@includedir /etc/sudoers.d' >> /etc/sudoers
# Debian's own replaces PATH in every login shell, and with it the image's.
mkdir -p /etc/profile.d
printf '%s' "$PROFILE" > /etc/profile
rm -f /etc/machine-id
`;
