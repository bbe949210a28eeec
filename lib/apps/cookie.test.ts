import { expect, test } from 'vitest';
import { appCookie, readAppCookies } from './cookie.ts';

const local = { publicUrl: 'http://localhost:3000' };
const real = { publicUrl: 'https://studio.example.com' };
const token = 'a'.repeat(43);

test('is for its host alone, and secure where there is TLS', () => {
  expect(appCookie(local, token, 60)).toBe(`shmastra-app=${token}; Path=/; Max-Age=60; HttpOnly; SameSite=Lax`);
  expect(appCookie(real, token, 60)).toBe(
    `__Host-shmastra-app=${token}; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure`,
  );
});

test('is found beside others, also beside one of its own name', () => {
  const other = 'b'.repeat(43);
  expect(readAppCookies(local, `x=1; shmastra-app=${other};shmastra-app=${token}`)).toEqual([other, token]);
  expect(readAppCookies(real, `shmastra-app=${token}; __Host-shmastra-app=${other}`)).toEqual([other]);
});

test.each([undefined, '', 'shmastra-app=', 'shmastra-app=short', `xshmastra-app=${token}`, 'x'.repeat(20_000)])(
  'nothing is read from %.40s',
  (header) => expect(readAppCookies(local, header)).toEqual([]),
);
