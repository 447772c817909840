// What the vendors' SDKs make of a provider of whatever dialect. A driver holds a conversation with
// one of them: it asks, runs the tools that are called, and asks again.

import assert from 'node:assert/strict';

import { relayKey, test } from '../harness.mjs';
import { callsThenGreets, checkLoop, greeting } from './minds.mjs';
import { refuse } from './shapes.mjs';
import { relayTo, strictProvider } from './strict_provider.mjs';

// One red pixel.
const image = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5Er'
  + 'kJggg==';
export const calls = [
  { id: 'call_fake_01', name: 'get_weather', input: { city: 'Łódź', days: 1.5, deep: { a: [null] } } },
  { id: 'call_fake_02', name: 'get_weather', input: { city: '"quoted" \\ 世界' } },
];
export const weather = {
  name: 'get_weather',
  description: 'Weather of a city',
  schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};
const results = { [calls[0].id]: 'rain 🌧', [calls[1].id]: 'sun\nand "wind"' };

/** What all drivers are told of a conversation. */
export const talk = (url, way, more) => ({
  url, key: relayKey, model: way.model, system: 'Be short.', prompt: 'Grüß dich, 世界 🌍',
  image: way.images === false ? null : image, weather, results, ...more });

/** It went as told: `got` is `{ text, calls, usage: { input, cached, output } }` of the two answers. */
export function checkTalk(provider, way, [first, second], { thoughts = way.thoughts } = {}) {
  assert.deepEqual(first.calls, calls);
  assert.equal(first.text, 'I will look.');
  assert.equal(second.text, greeting);
  for (const { usage } of [first, second]) {
    assert.deepEqual(usage, { input: 100, cached: 20, output: 30 });
  }
  const [{ model, blocks, maxTokens }] = provider.asked;
  assert.equal(model, way.model);
  assert(maxTokens === undefined || maxTokens >= 2000, `max_tokens ${maxTokens}`);
  const texts = blocks.map(({ text }) => text);
  assert(texts.includes('Be short.') && texts.includes('Grüß dich, 世界 🌍'), `${texts}`);
  assert.equal(blocks.some(({ type }) => type === 'image'), way.images !== false);
  checkLoop(provider, calls, { shown: Object.values(results), thoughts });
}

export function sdkDialectCases(driver, way) {
  const options = { throughRelay: !driver.own.includes(way.kind) };
  const mind = callsThenGreets(...calls);

  for (const form of driver.forms ?? [{ name: 'whole' }, { name: 'streamed', stream: true }]) {
    // Between two of one dialect nothing is remembered: the bytes pass untouched.
    if (form.forgets && driver.own.includes(way.kind) && way.thoughts) continue;
    test(`${driver.name} over ${way.name}: tools go round, ${form.name}`, async (scene) => {
      const provider = await strictProvider(scene, way.kind, mind, { pieceBytes: 37 });
      const url = await relayTo(scene, [provider]);
      const got = await driver.converse(talk(url, way, form));
      checkTalk(provider, way, got);
    }, options);
  }

  if (!driver.errorOf) return;
  test(`${driver.name} over ${way.name}: is told why it was refused`, async (scene) => {
    const words = 'the model wants 世界 in "every" question';
    const provider = await strictProvider(scene, way.kind, () => refuse(words));
    provider.mayRefuse = true;
    const url = await relayTo(scene, [provider]);
    for (const stream of [false, true]) {
      const error = await driver.converse(talk(url, way, { stream })).then(
        () => assert.fail('it was not refused'), (reason) => reason);
      const { status, message } = driver.errorOf(error);
      assert.equal(status, 400, error.stack);
      assert(message.includes(words), message);
    }
    assert.equal(provider.refused.length, 2, 'the refusal was asked for anew');
  }, options);
}

/** The same list in each vendor's own shape. */
export function modelListCases(driver, ways) {
  test(`${driver.name}: lists the models of every provider`, async (scene) => {
    const providers = [];
    for (const { kind } of ways) providers.push(await strictProvider(scene, kind, () => []));
    const more = ways.map(({ model }) => `models = ["${model}"]`);
    const url = await relayTo(scene, providers, { more });
    const names = await driver.models(url, relayKey);
    assert.deepEqual(names.sort(), ways.map(({ model }) => driver.modelName(model)).sort());
  }, { throughRelay: true });
}
