import { describe, expect, it } from 'vitest';
import { parseTypeErrors } from './type-check.ts';

describe('parseTypeErrors', () => {
  it('reads file, line and column, and joins the lines of a message', () => {
    const output = [
      "src/mastra/a.ts(3,14): error TS2322: Type 'string' is not assignable to type 'number'.",
      '/project/src/b (copy).ts(1,1): error TS2345: Argument is wrong.',
      "  Type 'a' is not assignable to type 'b'.",
      "error TS5023: Unknown compiler option 'x'.",
      '',
    ].join('\n');
    expect(parseTypeErrors(output, '/project')).toEqual([
      {
        file: 'src/mastra/a.ts',
        line: 3,
        column: 14,
        message: "TS2322: Type 'string' is not assignable to type 'number'.",
      },
      {
        file: 'src/b (copy).ts',
        line: 1,
        column: 1,
        message: "TS2345: Argument is wrong.\n  Type 'a' is not assignable to type 'b'.",
      },
      { message: "TS5023: Unknown compiler option 'x'." },
    ]);
  });

  it('keeps a bounded number of errors', () => {
    const line = 'a.ts(1,1): error TS1: x\n';
    expect(parseTypeErrors(line.repeat(1000), '/project')).toHaveLength(50);
  });
});
