const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** A page without a build step that asks one agent of the project. */
export function appSource(title: string, agentId: string): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>${escaped(title)}</title>
    <style>
      :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
      body { max-width: 40rem; margin: 3rem auto; padding: 0 1rem; }
      form { display: flex; gap: 0.5rem; }
      input { flex: 1; min-width: 0; font: inherit; padding: 0.5rem 0.75rem; }
      button { font: inherit; padding: 0.5rem 1rem; }
      output { display: block; margin-top: 1.5rem; white-space: pre-wrap; }
    </style>
  </head>
  <body>
    <h1>${escaped(title)}</h1>
    <form>
      <input name="question" aria-label="Your message" placeholder="Say something" required autocomplete="off" />
      <button>Send</button>
    </form>
    <output role="status" aria-live="polite"></output>
    <script type="module">
      const form = document.querySelector('form');
      const output = document.querySelector('output');
      form.addEventListener('submit', async (event) => {
        event.preventDefault();
        const content = new FormData(form).get('question');
        form.querySelector('button').disabled = true;
        output.textContent = 'One moment …';
        try {
          const response = await fetch(${JSON.stringify(`/api/agents/${agentId}/generate`)}, {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ messages: [{ role: 'user', content }] }),
          });
          if (!response.ok) throw new Error(\`The agent answered with status \${response.status}.\`);
          output.textContent = (await response.json()).text;
        } catch (error) {
          output.textContent = error.message;
        } finally {
          form.querySelector('button').disabled = false;
        }
      });
    </script>
  </body>
</html>
`;
}
