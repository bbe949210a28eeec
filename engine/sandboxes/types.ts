import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import type { Credentials } from '../images/oci/credentials.ts';
import type { OciOptions, StoredImage } from '../images/oci/oci-store.ts';
import type { EgressRules } from '../network/policy.ts';

/** What is needed to start one isolated machine, be it a sandbox or a step of a template build. */
export type LaunchSpec = {
  /** `^[a-z0-9]{4,32}$`, unique on this engine; it is part of cgroup and directory names. */
  id: string;
  /** Absolute directories, lowest first, owned by the shifted ids (0 -> SHIFTED_ROOT) already. */
  layers: string[];
  /** Hard quota of everything the sandbox writes to its disk, in MiB. */
  diskMb: number;
  cpuCount: number;
  memoryMb: number;
  /** Environment of PID 1 (envd). Secrets of the user do not belong here: see `envVars` of envd's /init. */
  env: Record<string, string>;
  allowInternetAccess: boolean;
  network?: EgressRules;
};

export type EnvdEndpoint = {
  /** `http://<address>:49983`, reachable from the host only. */
  url: string;
  /** Sent as `X-Access-Token`. */
  token: string;
};

export type RunningSandbox = {
  id: string;
  /** IPv4 address inside ENGINE_SUBNET. */
  address: string;
  envd: EnvdEndpoint;
  /**
   * Copies the writable layer (whiteouts, extended attributes and numeric owners included) into `targetDir`, which is
   * made. Stops every process of the sandbox first; afterwards only `destroy` is of use.
   */
  exportLayer(targetDir: string): Promise<void>;
  /** Removes processes, mounts, link and disk. Idempotent. */
  destroy(): Promise<void>;
};

/**
 * Resolves once envd answers on /health. On failure everything is taken down again before it rejects with an
 * `EngineError` (engine/api/errors.ts).
 */
export type Launch = (spec: LaunchSpec) => Promise<RunningSandbox>;

/** What a template name or id stands for: the outcome of its newest successful build (of that tag). */
export type ResolvedTemplate = {
  templateID: string;
  buildID: string;
  /** The name it was asked for by or its first one: `alias` in the API's answers. */
  alias?: string;
  layers: string[];
  env: Record<string, string>;
  startCmd?: string;
  readyCmd?: string;
  workdir?: string;
  user: string;
  cpuCount: number;
  memoryMb: number;
  diskMb: number;
};

/** What a snapshot keeps of the sandbox it is made from, beside the files. */
export type SnapshotSource = {
  /** Id of the sandbox. */
  id: string;
  /** Absolute directories, lowest first. */
  layers: string[];
  env: Record<string, string>;
  user: string;
  workdir?: string;
  startCmd?: string;
  cpuCount: number;
  memoryMb: number;
};

/** `id` is `<name or template id>:<tag>`; names come without a tag. */
export type SnapshotInfo = { id: string; names: string[]; templateID: string; createdAt: string };

/** Templates that are made of sandboxes. */
export type Snapshots = {
  /**
   * @param name `name` or `name:tag`; a template of that name gets one more build
   * @param write puts the files of the sandbox's writable layer into the folder, which it makes
   * @throws BadRequestError for a name or a source that cannot be; what `write` throws. Nothing is left then.
   */
  create(
    source: SnapshotSource,
    name: string | undefined,
    write: (folder: string) => Promise<void>,
  ): Promise<SnapshotInfo>;
  /** Newest first, each with its newest build (of the tag that `name` tells). @throws BadRequestError */
  list(filter: { sandboxID?: string | undefined; name?: string | undefined }): SnapshotInfo[];
};

/**
 * Implemented in engine/templates/index.ts:
 * `createTemplates(options: TemplatesOptions): Promise<Templates>`.
 */
export type Templates = {
  /** `name`, `name:tag` or an id; null when there is no successful build. */
  resolveTemplate(nameOrId: string): Promise<ResolvedTemplate | null>;
  /** The template that is there without a build, by its name; null while its image would have to be made. */
  builtIn(): Promise<string | null>;
  /**
   * Answers `/v3/templates`, `/templates/*`, `/v2/templates/*` (the API key was checked before) and
   * `/uploads/*` (no API key: a token in the URL). Resolves to false for a path that is not its own. May throw
   * `EngineError`s, which the server answers as `{code, message}`.
   */
  templateRoutes(request: IncomingMessage, response: ServerResponse, url: URL): Promise<boolean>;
  snapshots: Snapshots;
  isBuilding(): boolean;
  images: {
    /** Makes sure of an image as `fromImage` names it. @returns what it is. @throws EngineError */
    pull(image: string, login: Credentials | undefined, onLine: (line: string) => void): Promise<string>;
    /** Those of registries. */
    fetched(): Promise<StoredImage[]>;
    /** Names of the templates that stand on a layer's folder. */
    usersOf(folder: string): string[];
  };
  /** Folders of layers that no template, sandbox or recent create stands on; null while a build runs. */
  unusedLayers(): Promise<{ layers: string[]; images: string[] } | null>;
  /** Ends running builds (SIGTERM of the daemon). */
  close(): Promise<void>;
};

export type TemplatesOptions = {
  dataDir: string;
  /** Base images, shared by engines (tests) through ENGINE_IMAGE_CACHE; `<dataDir>/images` otherwise. */
  imageCacheDir: string;
  launch: Launch;
  /** How images of registries are fetched. */
  images: Omit<OciOptions, 'cacheDir'>;
  /** Layer directories that sandboxes (running or paused) stand on and that must not be removed. */
  layersInUse(): Set<string>;
  /** Told of each build, for the engine's metrics. */
  timeBuild?<T>(build: () => Promise<T>): Promise<T>;
  log: Logger;
};

/**
 * Expected from engine/envd/client.ts:
 * `initEnvd(envd: EnvdEndpoint, init: EnvdInit): Promise<void>`            POST /init
 * `startCommand(envd: EnvdEndpoint, command: StartCommand): Promise<void>`  Process Start, resolves once it has a pid
 * and from engine/images/toolbox.ts:
 * `ensureToolbox(dataDir: string): Promise<string>`  directory with `node` and envd, bound at /.engine
 * (PID 1 is `/.engine/node /.engine/envd.cjs`, root, with ENVD_ACCESS_TOKEN in its environment).
 */
export type EnvdInit = {
  /** Default environment of every command: the template's, then those of create. */
  envVars: Record<string, string>;
  defaultUser: string;
  defaultWorkdir?: string;
};

export type StartCommand = {
  cmd: string;
  user: string;
  cwd?: string;
  envs?: Record<string, string>;
  /** Read the machine's profile alone, not the files of the user's home, which programs in the sandbox can write. */
  withoutHome?: boolean;
  /** By which envd's process list knows it. */
  tag?: string;
};
