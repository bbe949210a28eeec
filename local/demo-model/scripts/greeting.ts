import type { Script } from '../script.ts';

export const greeting: Script = {
  name: 'greeting',
  when: /^\W*(hi|hey|hello|hola|hallo|good (morning|afternoon|evening))\b[^?]{0,40}$/i,
  steps: [{ say: 'hello! My answers are scripted. Add a provider key to talk to a real model.' }],
};
