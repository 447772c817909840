// The real Claude Code in the middle of a tool loop while the providers it has, one of Anthropic and
// one of another vendor, have their troubles in turn. It sees none of them.

import assert from 'node:assert/strict';

import { runClaude } from '../claude_run.mjs';
import { failure, json, reset, sse } from '../fake_provider.mjs';
import { relayKey, test } from '../harness.mjs';
import { event } from '../messages.mjs';
import { greeting } from './minds.mjs';
import { relayTo, strictProvider } from './strict_provider.mjs';

const overloaded = { type: 'overloaded_error', message: 'Overloaded' };
const stepsMax = 7;

/** What Gemini takes at calls that were not its own. */
const instead = 'skip_thought_signature_validator';

/** The troubles of each, by the step at which they stand in its way. */
const anthropicsTroubles = {
  1: failure(529, overloaded.type, overloaded.message),
  2: reset(),
  5: sse([event({ type: 'error', error: overloaded })]),
};
const othersTroubles = {
  3: reset(),
  4: json(503, { error: { message: 'The engine is overloaded', type: 'server_error' } }),
  6: json(429, { error: { message: 'Rate limit reached', type: 'requests', code: 'rate_limit_exceeded' } },
    { 'retry-after': '0' }),
};

const stepOf = ({ blocks }) => blocks.filter(({ type }) => type === 'tool_use').length;

/** One step more, each thought of, until there were enough. */
const stepByStep = (who) => (asked) => {
  const step = stepOf(asked);
  if (!asked.tools.includes('Bash') || step === stepsMax) return [{ type: 'text', text: greeting }];
  const command = `echo "step ${step} of ${who}"`;
  return [
    { type: 'thinking', thinking: `Step ${step} is mine. 🤔` },
    { type: 'text', text: `I take step ${step}.` },
    { type: 'tool_use', id: `call_${who}_${step}`, name: 'Bash',
      input: { command, description: 'Say which step it is' } },
  ];
};

/** Which of its thoughts should be back in its last question, as it sealed them. */
function sealsOf(provider) {
  const last = provider.asked.at(-1);
  return provider.asked.flatMap(({ answered }, index) => {
    const thought = answered?.some(({ type }) => type === 'thinking');
    return thought && provider.asked[index] !== last
      ? [provider.vendor.sealOf(answered, index + 1)] : [];
  });
}

export function claudeMovesCases(claude, way) {
  // It waits for attempts that are made again.
  const options = { beside: true, skip: claude === null, throughRelay: true };

  test(`Claude Code: a tool loop goes from Claude to ${way.name} and back, and nobody notices`,
    async (scene) => {
      const ours = await strictProvider(scene, 'anthropic', stepByStep('claude'));
      const other = await strictProvider(scene, way.kind, stepByStep('other'));
      ours.trouble = (asked) => anthropicsTroubles[stepOf(asked)];
      other.trouble = (asked) => othersTroubles[stepOf(asked)];
      const url = await relayTo(scene, [ours, other],
        { more: ['', `[providers.model_mapping]\n"claude-*" = "${way.model}"`] });
      const got = await runClaude(claude, scene, 'take your steps', {
        env: { ANTHROPIC_BASE_URL: url, ANTHROPIC_AUTH_TOKEN: relayKey, CLAUDE_CODE_MAX_RETRIES: '0' },
        args: ['--allowedTools', 'Bash(echo:*)'],
      });
      assert.equal(got.is_error, false, JSON.stringify(got));
      assert.equal(got.result, greeting);

      // Each step was taken once, and its result came to whoever took the next.
      const all = [...ours.asked, ...other.asked].filter(({ answered }) => answered);
      const last = all.find((asked) => stepOf(asked) === stepsMax);
      const taken = last.blocks.filter(({ type }) => type === 'tool_use').map(({ id }) => id);
      assert.deepEqual(taken.map((id) => id.split('_')[2]), Array.from({ length: stepsMax }, (_, n) => `${n}`));
      const by = taken.map((id) => id.split('_')[1]).join(' ');
      assert.match(by, /claude.*other.*claude.*other.*claude/, by);
      const results = last.blocks.filter(({ type }) => type === 'tool_result');
      results.forEach(({ id, text }, step) => {
        assert.equal(id, taken[step]);
        assert(text.includes(`step ${step} of ${id.split('_')[1]}`), text);
      });
      // What came home was what had gone out: a strict provider refuses anything else. All of it
      // came home.
      for (const provider of [ours, other]) {
        assert.equal(provider.refused.length, 0);
        const back = provider.asked.at(-1).blocks.map(({ seal }) => seal);
        assert.deepEqual(back.filter((seal) => seal && seal !== instead), sealsOf(provider));
      }
    }, options);
}
