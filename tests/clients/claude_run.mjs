import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

/**
 * Starts `claude -p` in a home of its own, below `place` in the scene's directory. `env` tells it
 * where to ask; `work/note.txt` is there for it to read. `result`: how it ended and what it printed
 * as its result; `printed(text)`: done when it has printed that; `interrupt()`: Ctrl-C, done when it
 * has ended. `parts`: it prints an answer as it comes, not just the result.
 */
export async function startClaude(claude, scene, prompt, options) {
  const { args = [], env, place = '.', parts = false } = options;
  const home = path.join(scene.directory, place, 'home');
  const work = path.join(scene.directory, place, 'work');
  await mkdir(home, { recursive: true });
  await mkdir(work, { recursive: true });
  await writeFile(path.join(work, 'note.txt'), 'the note says: 世界 42\n');
  const format = parts
    ? ['stream-json', '--include-partial-messages', '--verbose']
    : ['json'];
  const child = spawn(claude, ['-p', prompt, '--output-format', ...format, ...args], {
    cwd: work,
    env: {
      PATH: process.env.PATH,
      HOME: home,
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      DISABLE_TELEMETRY: '1',
      DISABLE_AUTOUPDATER: '1',
      IS_SANDBOX: '1',
      // Whatever it might still want from outside ends here.
      HTTPS_PROXY: 'http://127.0.0.1:1',
      NO_PROXY: '127.0.0.1,localhost',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
  scene.atEnd(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (errors += chunk));
  const result = once(child, 'close').then(([code]) => {
    try {
      return { code, ...JSON.parse(parts ? output.trimEnd().split('\n').at(-1) : output) };
    } catch {
      throw new Error(`claude ended with ${code} and no result:\n${output}${errors}`);
    }
  });
  result.catch(() => {});
  const printed = (text) => new Promise((resolve, reject) => {
    const look = () => {
      if (output.includes(text)) resolve();
    };
    child.stdout.on('data', look);
    look();
    const late = () => reject(new Error(`claude ended before ${text}:\n${output}${errors}`));
    result.then(late, late);
  });
  const interrupt = async () => {
    child.kill('SIGINT');
    await exited;
  };
  return { result, printed, interrupt };
}

/** The same to its end. */
export const runClaude = async (claude, scene, prompt, options) =>
  (await startClaude(claude, scene, prompt, options)).result;
