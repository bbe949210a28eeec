import { describe, expect, it } from 'vitest';
import type { Bundle } from './bundler.ts';
import { Versions } from './versions.ts';

const bundle = (file: string): Bundle => ({ file, packages: [], folders: [] });
const [first, second, third] = [bundle('1'), bundle('2'), bundle('3')];

describe('Versions', () => {
  it('gives a version up that ends its process twice right after it went live', () => {
    const versions = new Versions(() => 0);
    versions.live(first);
    versions.live(second);
    expect(versions.crashed()).toBe(false);
    versions.live(second);
    expect(versions.crashed()).toBe(true);
    expect(versions.good).toBe(first);
  });

  it('brings a version back that has lasted, and the only one there is', () => {
    let now = 0;
    const versions = new Versions(() => now);
    versions.live(first);
    for (let crash = 0; crash < 3; crash++) expect(versions.crashed()).toBe(false);
    versions.live(second);
    now += 60_000;
    for (let crash = 0; crash < 3; crash++) {
      expect(versions.crashed()).toBe(false);
      versions.live(second);
    }
    expect(versions.good).toBe(second);
  });

  it('does not go back to one that kept crashing', () => {
    const versions = new Versions(() => 0);
    versions.live(first);
    versions.live(second);
    versions.crashed();
    versions.live(third);
    expect(versions.kept).toEqual([third, first]);
  });
});
