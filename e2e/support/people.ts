import { z } from 'zod';

const nextSchema = z.object({ next: z.string() });
const invitationSchema = z.object({ url: z.url() });

export const PASSWORD = 'correct horse battery staple';

/** A signed-in person who talks to the public listener as a browser's page would. */
export type Person = {
  email: string;
  cookie: string;
  call(path: string, init?: RequestInit): Promise<Response>;
};

export function personFrom(url: string, email: string, cookie: string): Person {
  return {
    email,
    cookie,
    call: (path, init = {}) =>
      fetch(new URL(path, url), {
        redirect: 'manual',
        ...init,
        headers: {
          origin: url,
          'sec-fetch-site': 'same-origin',
          cookie,
          ...Object.fromEntries(new Headers(init.headers)),
        },
      }),
  };
}

async function submit(url: string, path: string, values: Record<string, string>): Promise<string> {
  const response = await fetch(new URL(path, url), {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url },
    body: JSON.stringify(values),
  });
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
  nextSchema.parse(await response.json());
  return response.headers
    .getSetCookie()
    .map((cookie) => cookie.slice(0, cookie.indexOf(';')))
    .join('; ');
}

/** The first admin, by the set-up URL. */
export async function setUpAdmin(url: string, setupUrl: string, email = 'admin@example.com'): Promise<Person> {
  const token = new URL(setupUrl).searchParams.get('token') ?? '';
  const cookie = await submit(url, '/api/auth/setup', { token, email, name: 'Admin', password: PASSWORD });
  return personFrom(url, email, cookie);
}

/** The link of a fresh invitation. */
export async function invite(admin: Person, email: string): Promise<string> {
  const response = await admin.call('/api/team/invitations', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, role: 'member' }),
  });
  if (!response.ok) throw new Error(`the invitation was refused: ${response.status} ${await response.text()}`);
  return invitationSchema.parse(await response.json()).url;
}

/** Accepts an invitation; the set-up of the person's workspace starts with it. */
export async function join(url: string, admin: Person, email: string): Promise<Person> {
  const token = new URL(await invite(admin, email)).searchParams.get('token') ?? '';
  const cookie = await submit(url, '/api/auth/accept-invitation', { token, email, name: email, password: PASSWORD });
  return personFrom(url, email, cookie);
}
