// A fake provider that refuses what its vendor's schema refuses and otherwise answers what a `mind`
// thinks of what it was asked: a function of the question, the same in every dialect, that gives the
// blocks of the answer (text, thinking, tool_use).

import assert from 'node:assert/strict';

import { json } from '../fake_provider.mjs';
import { direct, providerKey } from '../harness.mjs';
import { anthropicProvider } from './anthropic_provider.mjs';
import { chatProvider } from './chat_provider.mjs';
import { geminiProvider } from './gemini_provider.mjs';
import { responsesProvider } from './responses_provider.mjs';
import { Refused } from './shapes.mjs';

const vendors = {
  anthropic: anthropicProvider,
  chat: chatProvider,
  deepseek: () => chatProvider({ flavor: 'deepseek' }),
  responses: responsesProvider,
  gemini: geminiProvider,
};

/**
 * `asked`: every question that was let in, as `{ body, headers, model, stream, maxTokens, tools,
 * schema, blocks }` with `blocks` what the conversation has so far, in order; `answered` what it was
 * given. `options`: of how its streams go out. A refusal fails the case unless `mayRefuse`. What
 * `trouble` gives for a question, if anything, is answered in place of what the mind thinks.
 */
export async function strictProvider(scene, kind, mind, options = {}) {
  const vendor = vendors[kind]();
  const fake = await scene.provider();
  const provider = { kind, vendor, fake, url: fake.url, asked: [], refused: [],
    mayRefuse: false, mind, trouble: () => null };
  provider.answer = (record, response) => {
    const url = new URL(record.url, fake.url);
    const request = { method: record.method, path: url.pathname, query: url.searchParams,
      headers: record.headers };
    if (!vendor.asks(request)) {
      const message = `${record.method} ${record.url} is not here`;
      return json(404, { error: { message } })(record, response);
    }
    return answer(provider, request, record, options)(record, response);
  };
  fake.always(provider.answer);
  return provider;
}

function answer(provider, request, record, options) {
  const { vendor } = provider;
  if (!direct) assert.equal(vendor.keyOf(record.headers), providerKey, 'the provider\'s key');
  try {
    const body = JSON.parse(record.body);
    vendor.check(body, request);
    const asked = { body, headers: record.headers, model: body.model, ...vendor.view(body, request) };
    provider.asked.push(asked);
    const serial = provider.asked.length;
    asked.trouble = provider.trouble(asked);
    if (asked.trouble) return asked.trouble;
    asked.answered = provider.mind(asked);
    return vendor.answer(asked.answered, { body, request, options, serial });
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    provider.refused.push(error);
    if (!provider.mayRefuse) provider.fake.unscripted.push({ ...record, error });
    return vendor.refusal(error);
  }
}

/** The relay in front of them, the first preferred. `more`: TOML by provider; `top`: at the end. */
export async function relayTo(scene, providers, { more = [], top = '', ...options } = {}) {
  if (direct) return providers[0].url;
  const toml = providers.map(({ vendor, url, kind }, index) => `
[[providers]]
name = "${kind}-${index + 1}"
${vendor.toml(url)}
priority = ${100 - index}
${more[index] ?? ''}
[[providers.keys]]
key = "${providerKey}"
`).join('');
  return scene.relayTo(`${top}${toml}`, options);
}
