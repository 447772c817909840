// The real Claude Code while the relay in front of it is replaced by another at the same address.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, open } from 'node:fs/promises';
import path from 'node:path';

import {
  anyForm, checkAskedOnce, checkGreeted, eventsOfFirstWords, firstWords, greeting, startAsking,
  streamed,
} from './claude_greeted.mjs';
import { test } from './harness.mjs';

/** What something waits for, and what ends that. */
function gate() {
  let end;
  const ended = new Promise((resolve) => (end = resolve));
  return { ended: () => ended, open: () => end() };
}

/** A command that runs until `open()`. */
async function waitingCommand(scene) {
  const work = path.join(scene.directory, 'work');
  await mkdir(work, { recursive: true });
  execFileSync('mkfifo', [path.join(work, 'gate')]);
  // Open for both, nobody waits for the other side.
  const handle = await open(path.join(work, 'gate'), 'r+');
  scene.atEnd(() => handle.close());
  return {
    call: {
      type: 'tool_use',
      id: 'toolu_fake_01',
      name: 'Bash',
      input: { command: 'head -n 1 gate', description: 'Wait' },
    },
    args: ['--allowedTools', 'Bash(head:*)'],
    open: () => handle.write('the gate is open\n'),
  };
}

/** Starts a relay beside the old one, which then is told to stop. */
async function replace(scene, fake, old) {
  const replacing = await scene.replaceable([fake], { place: new URL(old.url).host });
  assert.equal(replacing.url, old.url);
  const stopped = old.stop();
  await old.said('"event":"draining"');
  return { replacing, stopped };
}

/** How many requests a relay that has ended says it had. */
const requestsOf = (relay) => relay.output().split('"event":"request"').length - 1;

export function restartCases(claude) {
  const options = { skip: claude === null, throughRelay: true };
  const start = (scene, url, more) => startAsking(claude, scene, url, more);

  test('Claude Code: a restart in the middle of an answer', async (scene) => {
    const fake = await scene.provider();
    const rest = gate();
    fake.answer(
      streamed(greeting, { held: eventsOfFirstWords, until: rest.ended }),
      streamed(greeting),
    );
    const old = await scene.replaceable([fake]);
    const asking = await start(scene, old.url);
    await asking.printed(firstWords);
    const { replacing, stopped } = await replace(scene, fake, old);
    // Who comes meanwhile is served by the new one, to the end.
    await checkGreeted(await start(scene, old.url, { place: 'other' }));
    rest.open();
    await checkGreeted(asking);
    assert.equal(await stopped, 'exit 0');
    await checkAskedOnce(fake, 2);
    assert.equal(await replacing.stop(), 'exit 0');
    assert.deepEqual([requestsOf(old), requestsOf(replacing)], [1, 1]);
  }, options);

  for (const [how, beside] of [['beside the old one', true], ['after the old one', false]]) {
    test(`Claude Code: a restart between two turns, the new relay ${how}`, async (scene) => {
      const fake = await scene.provider();
      const command = await waitingCommand(scene);
      fake.answer(streamed([command.call]), streamed(greeting));
      const old = await scene.replaceable([fake]);
      const asking = await start(scene, old.url, { args: command.args });
      await asking.printed('"type":"tool_use"');
      let replacing;
      if (beside) {
        const { replacing: one, stopped } = await replace(scene, fake, old);
        assert.equal(await stopped, 'exit 0');
        replacing = one;
      } else {
        assert.equal(await old.stop(), 'exit 0');
        replacing = await scene.replaceable([fake], { place: new URL(old.url).host });
      }
      await command.open();
      await checkGreeted(asking);
      await checkAskedOnce(fake, 2);
      assert(fake.posts[1].body.includes('the gate is open'), 'the tool was not waited for');
      assert.equal(requestsOf(old), 1);
      assert.equal(await replacing.stop(), 'exit 0');
      assert.equal(requestsOf(replacing), 1);
    }, options);
  }

  test('Claude Code: a restart that has no time for the rest of an answer', async (scene) => {
    const fake = await scene.provider();
    const never = gate();
    fake.answer(
      streamed(greeting, { held: eventsOfFirstWords, until: never.ended }),
      anyForm(greeting),
    );
    const old = await scene.replaceable([fake], { shutdown: 100 });
    const asking = await start(scene, old.url);
    await asking.printed(firstWords);
    const { stopped } = await replace(scene, fake, old);
    assert.equal(await stopped, 'exit 0');
    await checkGreeted(asking);
    never.open();
    // What was cut was asked for again, by the client, and by it alone.
    assert.equal(fake.posts.length, 2);
    assert.deepEqual(await Promise.all(fake.posts.map(async ({ closed }) => (await closed).complete)),
      [false, true]);
    assert.equal(requestsOf(old), 1);
  }, options);
}
