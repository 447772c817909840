import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

/**
 * `claude -p` in a home of its own; what it printed. `env` tells it where to ask; `work/note.txt`
 * in the scene's directory is there for it to read.
 */
export async function runClaude(claude, scene, prompt, { args = [], env }) {
  const home = path.join(scene.directory, 'home');
  const work = path.join(scene.directory, 'work');
  await mkdir(home, { recursive: true });
  await mkdir(work, { recursive: true });
  await writeFile(path.join(work, 'note.txt'), 'the note says: 世界 42\n');
  const child = spawn(claude, ['-p', prompt, '--output-format', 'json', ...args], {
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
  const [code] = await once(child, 'close');
  try {
    return { code, ...JSON.parse(output) };
  } catch {
    throw new Error(`claude ended with ${code} and no result:\n${output}${errors}`);
  }
}
