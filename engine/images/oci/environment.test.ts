import { expect, it } from 'vitest';
import { imageEnvironment } from './environment.ts';

it('takes variables and leaves the rest out', () => {
  expect(imageEnvironment(['A=1', 'B=x=y', 'EMPTY=', '=x', 'no name=x', 'nothing', '1X=y', 'N=a\0b'])).toEqual({
    A: '1',
    B: 'x=y',
  });
});

it('has a bound', () => {
  const lines = Array.from({ length: 100 }, (_, index) => `V${index}=${'x'.repeat(1000)}`);
  expect(Object.keys(imageEnvironment(lines)).length).toBeLessThan(35);
});
