/** Ends the session as the header of our pages does: by a form, whose answer leads to the sign-in page. */
export function signOut(): void {
  // The script beside Studio would lead to the sign-in page itself when its connection ends with the session.
  window.dispatchEvent(new Event('shmastra:leave'));
  const form = document.createElement('form');
  form.method = 'post';
  form.action = '/api/auth/sign-out';
  form.hidden = true;
  document.body.append(form);
  form.submit();
}
