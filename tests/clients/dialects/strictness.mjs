// The fake providers themselves: each lets a good request in and refuses what its vendor refuses.

import assert from 'node:assert/strict';

import { providerKey, test } from '../harness.mjs';
import { greets } from './minds.mjs';
import { strictProvider } from './strict_provider.mjs';

const parameters = { type: 'object', properties: {} };
const chatCall = { id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } };
const chatMessages = [{ role: 'user', content: 'a' },
  { role: 'assistant', content: null, tool_calls: [chatCall] },
  { role: 'tool', tool_call_id: 'c1', content: 'b' }];
const chatTools = [{ type: 'function', function: { name: 'f', parameters } }];
const signature = 'skip_thought_signature_validator';
const geminiCall = { functionCall: { name: 'f', args: {} } };
const geminiResult = { functionResponse: { name: 'f', response: { output: 'b' } } };
const said = (...parts) => ({ role: 'user', parts });
const does = (...parts) => ({ role: 'model', parts });
const use = { type: 'tool_use', id: 't1', name: 'f', input: {} };
const result = { type: 'tool_result', tool_use_id: 't1', content: 'b' };
const call = { type: 'function_call', call_id: 'c1', name: 'f', arguments: '{}' };
const output = { type: 'function_call_output', call_id: 'c1', output: 'b' };
const reasoning = { type: 'reasoning', id: 'rs_1', summary: [] };
const nested = { type: 'array', items: parameters }; // open within
const closed = (member) => ({ type: 'object', properties: { a: member }, required: ['a'],
  additionalProperties: false });
const open = closed(closed(nested)); // deep within

const table = {
  chat: {
    path: '/v1/chat/completions',
    good: { model: 'gpt-5', messages: chatMessages, tools: chatTools, max_completion_tokens: 9 },
    bad: {
      'an unknown field': { top_k: 1 },
      'a strict answer of open objects': { response_format: { type: 'json_schema',
        json_schema: { name: 'a', strict: true, schema: nested } } },
      'a strict tool of open objects': { tools: [
        { type: 'function', function: { name: 'f', strict: true, parameters: open } }] },
      'an unknown field of a message': { messages: [{ role: 'user', content: 'a', cache_control: 1 }] },
      'thoughts in a message': { messages: [
        { role: 'user', content: 'a' }, { role: 'assistant', content: 'b', reasoning_content: 'c' }] },
      'max_tokens with gpt-5': { max_tokens: 9 },
      'a temperature with gpt-5': { temperature: 0 },
      'a result without a call': { messages: [chatMessages[0], chatMessages[2]] },
      'a call without a result': { messages: chatMessages.slice(0, 2) },
      'a call without an id': { messages: [chatMessages[0], { role: 'assistant', content: null,
        tool_calls: [{ type: 'function', function: chatCall.function }] }] },
      'arguments that are an object': { messages: [chatMessages[0], { role: 'assistant', content: null,
        tool_calls: [{ ...chatCall, function: { name: 'f', arguments: {} } }] }, chatMessages[2]] },
      'an image as a result': { messages: [...chatMessages.slice(0, 2), { role: 'tool',
        tool_call_id: 'c1', content: [{ type: 'image_url', image_url: { url: 'data:' } }] }] },
      'no tools and a choice': { tools: undefined, tool_choice: 'auto' },
      'usage of no stream': { stream_options: { include_usage: true } },
    },
  },
  deepseek: {
    path: '/v1/chat/completions',
    good: { model: 'd', max_tokens: 9, tools: chatTools,
      messages: chatMessages.map((each) => (each.tool_calls ? { ...each, reasoning_content: '' } : each)) },
    bad: {
      'a call without thoughts': { messages: chatMessages },
      'a field of OpenAI\'s': { max_completion_tokens: 9 },
    },
  },
  responses: {
    path: '/v1/responses',
    good: { model: 'gpt-5', store: false, input: [{ role: 'user', content: 'a' }, call, output],
      tools: [{ type: 'function', name: 'f', parameters, strict: false }] },
    bad: {
      'a strict answer of open objects': { text: { format: { type: 'json_schema', name: 'a',
        strict: true, schema: nested } } },
      'a strict tool of open objects': { tools: [
        { type: 'function', name: 'f', strict: true, parameters: open }] },
      'an unknown field': { stop: ['a'] },
      'a tool without strict': { tools: [{ type: 'function', name: 'f', parameters }] },
      'too few tokens': { max_output_tokens: 1 },
      'a temperature with gpt-5': { temperature: 0 },
      'a result without a call': { input: [output] },
      'a call without a result': { input: [call] },
      'a call without its id': { input: [{ ...call, call_id: undefined }, output] },
      'thoughts that are not there': { input: [reasoning, call, output] },
      'thoughts of another': { input: [{ ...reasoning, encrypted_content: 'x' }, call, output] },
      'output_text of the user as a chat part': {
        input: [{ role: 'user', content: [{ type: 'text', text: 'a' }] }] },
    },
  },
  gemini: {
    path: '/v1beta/models/gemini-3-pro:generateContent',
    good: { contents: [said({ text: 'a' }), does({ ...geminiCall, thoughtSignature: signature }),
      said(geminiResult)] },
    bad: {
      'an unknown field': { model: 'gemini-3-pro' },
      'an unknown field of a part': { contents: [said({ text: 'a', cache_control: {} })] },
      'a call of this turn without signature': {
        contents: [said({ text: 'a' }), does(geminiCall), said(geminiResult)] },
      'a signature of another': { contents: [said({ text: 'a' }),
        does({ ...geminiCall, thoughtSignature: 'QUJD' }), said(geminiResult)] },
      'fewer results than calls': { contents: [said({ text: 'a' }),
        does({ ...geminiCall, thoughtSignature: signature }, geminiCall), said(geminiResult)] },
      'a result without a call': { contents: [said({ text: 'a' }, geminiResult)] },
      'a role twice': { contents: [said({ text: 'a' }), said({ text: 'b' })] },
    },
  },
  anthropic: {
    path: '/v1/messages',
    good: { model: 'claude-opus-5-5', max_tokens: 9, thinking: { type: 'adaptive' },
      messages: [{ role: 'user', content: 'a' }, { role: 'assistant', content: [use] },
        { role: 'user', content: [result] }] },
    bad: {
      'no max_tokens': { max_tokens: undefined },
      'an unknown field': { seed: 1 },
      'a temperature': { temperature: 1 },
      'a forced tool': { tool_choice: { type: 'any' } },
      'an answer of open objects': { output_config: {
        format: { type: 'json_schema', schema: nested } } },
      'a strict tool of open objects': { tools: [{ name: 'f', strict: true, input_schema: open }] },
      'a tool of its own that it does not have': { tools: [{ type: 'find', name: 'find' }] },
      'thoughts of another': { messages: [{ role: 'user', content: 'a' }, { role: 'assistant',
        content: [{ type: 'thinking', thinking: 'a', signature: 'x' }] }] },
      'a result without a call': { messages: [{ role: 'user', content: [result] }] },
      'a call without a result': { messages: [{ role: 'user', content: 'a' },
        { role: 'assistant', content: [use] }, { role: 'user', content: 'b' }] },
      'an empty text': { messages: [{ role: 'user', content: [{ type: 'text', text: '' }] }] },
    },
  },
};

export function strictnessCases() {
  for (const [kind, { path, good, bad }] of Object.entries(table)) {
    test(`the fake provider of ${kind} refuses what its vendor refuses`, async (scene) => {
      const provider = await strictProvider(scene, kind, greets);
      provider.mayRefuse = true;
      const status = async (changes) => {
        const answer = await fetch(provider.url + path, {
          method: 'POST',
          headers: { authorization: `Bearer ${providerKey}`, 'x-goog-api-key': providerKey,
            'x-api-key': providerKey, 'anthropic-version': '2023-06-01' },
          body: JSON.stringify({ ...good, ...changes }),
        });
        return { status: answer.status, text: await answer.text() };
      };
      const first = await status({});
      assert.equal(first.status, 200, first.text);
      for (const [what, changes] of Object.entries(bad)) {
        assert.equal((await status(changes)).status, 400, what);
      }
    });
  }
}
