import { expect, it } from 'vitest';

import { detailsText, mailToAdmins } from './details.ts';

it('says what an admin needs, and leaves out what is not known', () => {
  const text = detailsText(
    {
      status: 'broken',
      phase: null,
      startedAt: '2026-01-01T00:00:00.000Z',
      attempt: 5,
      maxAttempts: 5,
      error: { code: 'template_missing', message: 'The template does not exist.' },
    },
    'kim@example.com',
    Date.parse('2026-01-01T00:01:20.000Z'),
  );
  expect(text.split('\n')).toEqual([
    'Workspace of: kim@example.com',
    'Status: broken',
    'Attempt: 5 of 5',
    'Since: 2026-01-01T00:00:00.000Z (1 min 20 s)',
    'Code: template_missing',
    'Message: The template does not exist.',
    'Written: 2026-01-01T00:01:20.000Z',
  ]);
});

it('writes to all admins, with no way for an address to add headers', () => {
  expect(mailToAdmins(['a@example.com', 'b?cc=x@example.com'], 'Status: broken')).toBe(
    'mailto:a%40example.com,b%3Fcc%3Dx%40example.com?subject=My%20workspace%20needs%20help&body=Status%3A%20broken',
  );
});
