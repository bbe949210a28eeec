import { convert } from './converters.ts';
import { formatSchema } from './converter.ts';

// Converts one document and ends. What goes wrong in here, in memory or in time, ends this process and nothing else.

const [format, file] = process.argv.slice(2);
try {
  const converted = await convert(formatSchema.parse(format), file ?? '');
  process.stdout.write(JSON.stringify(converted));
} catch (error) {
  const name = error instanceof Error ? error.name : '';
  process.stdout.write(JSON.stringify({ failed: name === 'PasswordException' ? 'password' : 'unreadable' }));
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
}
