// Claude Code, its model mapped to one of another vendor.

import assert from 'node:assert/strict';

import { firstWords } from '../claude_greeted.mjs';
import { runClaude, startClaude } from '../claude_run.mjs';
import { relayKey, test } from '../harness.mjs';
import { note } from './cli_run.mjs';
import {
  callsThenGreets, checkLoop, found, greeting, greets, hits, searchesThenGreets,
} from './minds.mjs';
import { relayTo, strictProvider } from './strict_provider.mjs';

const calls = [
  { id: 'call_fake_01', name: 'Bash', input: { command: 'cat note.txt', description: 'Look' } },
];

/** What Claude Code is told of the relay, and may do without asking. */
const asked = (url) => ({
  env: { ANTHROPIC_BASE_URL: url, ANTHROPIC_AUTH_TOKEN: relayKey,
    // All tools are there at once, that for searches too.
    ENABLE_TOOL_SEARCH: 'false' },
  args: ['--allowedTools', 'Bash(cat:*),WebSearch'],
});

/** A provider of that way, and where a relay is that maps Claude's models to its own. */
async function setUp(scene, way, mind, options) {
  const provider = await strictProvider(scene, way.kind, mind, options);
  const more = [`[providers.model_mapping]\n"claude-*" = "${way.model}"`];
  return { provider, url: await relayTo(scene, [provider], { more }) };
}

export function claudeForeignCases(claude, way) {
  const options = { row: 'agents', skip: claude === null, throughRelay: true };

  async function ask(scene, url, prompt, ...more) {
    const { env, args } = asked(url);
    const got = await runClaude(claude, scene, prompt, { env, args: [...more, ...args] });
    assert.equal(got.is_error, false, JSON.stringify(got));
    return got.result;
  }

  test(`Claude Code over ${way.name}: a turn with a tool goes round`, async (scene) => {
    const { provider, url } = await setUp(scene, way, callsThenGreets(...calls));
    assert.equal(await ask(scene, url, 'read the note'), greeting);
    checkLoop(provider, calls, { shown: note, thoughts: way.thoughts });
    assert(provider.asked.every(({ model }) => model === way.model));
    if (!way.long) return;

    // Later, by another process: what was thought is still there.
    const [first] = provider.asked;
    const seal = provider.vendor.sealOf(first.answered, 1);
    assert.equal(await ask(scene, url, 'and again', '--continue'), greeting);
    const { blocks } = provider.asked.at(-1);
    assert.equal(blocks.filter((each) => each.seal === seal).length, 1, JSON.stringify(blocks));
    // What is too long is made short, by the model itself.
    await ask(scene, url, '/compact', '--continue');
    const before = provider.asked.length;
    assert.equal(await ask(scene, url, 'what was it', '--continue'), greeting);
    const after = provider.asked[before].blocks;
    assert(after.some(({ text }) => text?.includes(greeting)), 'the summary is missing');
    assert(!after.some(({ type }) => type === 'tool_use'), 'nothing was made shorter');
  }, options);

  if (way.searches) {
    test(`Claude Code over ${way.name}: searches the web`, async (scene) => {
      const { provider, url } = await setUp(scene, way, searchesThenGreets('世界 "now"', 'WebSearch'));
      assert.equal(await ask(scene, url, 'search for it'), greeting);
      const searches = provider.asked.filter((each) => each.searches);
      assert.equal(searches.length, 1, 'the provider was not asked to search, or twice');
      const { text } = provider.asked.at(-1).blocks.find(({ type }) => type === 'tool_result');
      for (const told of [found, ...hits.flatMap((hit) => [hit.url, hit.title])]) {
        assert(text.includes(told), `${told} is not in: ${text}`);
      }
    }, options);
  }

  test(`Claude Code over ${way.name}: Ctrl-C ends what the provider does`, async (scene) => {
    const never = new Promise(() => {});
    const { provider, url } = await setUp(scene, way, greets,
      { held: way.eventsOfFirstWords, until: () => never });
    const asking = await startClaude(claude, scene, 'say hi', { ...asked(url), parts: true });
    await asking.printed(firstWords);
    await asking.interrupt();
    assert.equal((await provider.fake.posts[0].closed).complete, false);
    assert.equal(provider.asked.length, 1, 'asked again');
  }, options);
}
