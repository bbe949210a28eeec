import { DEFAULT_TAG } from './names.ts';
import type { Build, Template } from './records.ts';
import type { TemplateStore } from './template-store.ts';

/** Version that unlocks every feature of the SDKs. */
const ENVD_VERSION = '0.6.13';
/** Disk of sandboxes, in MiB; the files are sparse. */
export const SANDBOX_DISK_MB = 10_240;

function newestBuild(store: TemplateStore, template: Template): Build | undefined {
  const builds = store.builds(template.templateID);
  const tagged = builds.find((build) => build.buildID === template.tags[DEFAULT_TAG]?.buildID);
  return tagged ?? builds.toSorted((a, b) => b.createdAt.localeCompare(a.createdAt))[0];
}

/** A template as E2B lists it. */
export function describeTemplate(store: TemplateStore, template: Template) {
  const build = newestBuild(store, template);
  const names = template.name === template.templateID ? [] : [template.name];
  return {
    templateID: template.templateID,
    buildID: build?.buildID ?? '',
    buildStatus: build?.status ?? 'waiting',
    buildCount: store.builds(template.templateID).length,
    cpuCount: build?.cpuCount ?? 0,
    memoryMB: build?.memoryMb ?? 0,
    diskSizeMB: SANDBOX_DISK_MB,
    envdVersion: ENVD_VERSION,
    aliases: names,
    names,
    public: template.public ?? false,
    createdAt: template.createdAt,
    updatedAt: build?.finishedAt ?? template.createdAt,
    createdBy: null,
    lastSpawnedAt: null,
    spawnCount: 0,
  };
}

export function describeBuild({ buildID, status, createdAt, finishedAt, cpuCount, memoryMb }: Build) {
  return {
    buildID,
    status,
    createdAt,
    updatedAt: finishedAt ?? createdAt,
    ...(finishedAt === undefined ? {} : { finishedAt }),
    cpuCount,
    memoryMB: memoryMb,
    diskSizeMB: SANDBOX_DISK_MB,
    envdVersion: ENVD_VERSION,
  };
}
