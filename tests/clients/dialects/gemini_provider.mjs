// A provider of Gemini's API, as strict as Google's with a model that thinks: no members that it does
// not know, responses to all calls in one content, and in the current turn the signature of each
// step's first call.

import { json, sse } from '../fake_provider.mjs';
import { inPieces } from './pieces.mjs';
import {
  any, anyObject, count, flag, list, number, object, pattern, refuse, text, word,
} from './shapes.mjs';

const name = pattern(/^[a-zA-Z_][a-zA-Z0-9_.:-]{0,63}$/);
const blob = object({ mimeType: text, data: text });
const part = object({}, {
  text, thought: flag, thoughtSignature: pattern(/^[A-Za-z0-9+/_=-]+$/), inlineData: blob,
  fileData: object({ fileUri: text }, { mimeType: text }),
  functionCall: object({ name }, { id: text, args: anyObject }),
  functionResponse: object({ name, response: anyObject }, { id: text,
    parts: list(object({ inlineData: blob })) }),
});
const content = (role) => object({ parts: list(part) }, { role });
const declaration = object({ name }, {
  description: text, parameters: anyObject, parametersJsonSchema: anyObject, response: anyObject,
  responseJsonSchema: anyObject });
const shape = object({ contents: list(content(word('user', 'model'))) }, {
  systemInstruction: content(any),
  tools: list(object({}, { functionDeclarations: list(declaration), googleSearch: object({}),
    urlContext: object({}) })),
  toolConfig: object({}, { functionCallingConfig: object({}, {
    mode: word('AUTO', 'ANY', 'NONE', 'VALIDATED'), allowedFunctionNames: list(name) }) }),
  safetySettings: any, labels: any, cachedContent: text,
  generationConfig: object({}, {
    temperature: number(0, 2), topP: number(0, 1), topK: number(1), candidateCount: count(1),
    maxOutputTokens: count(1), stopSequences: list(text, 0), responseMimeType: text,
    responseSchema: anyObject, responseJsonSchema: anyObject, seed: count(),
    presencePenalty: any, frequencyPenalty: any,
    thinkingConfig: object({}, { includeThoughts: flag, thinkingBudget: number(-1, 32768),
      thinkingLevel: word('MINIMAL', 'LOW', 'MEDIUM', 'HIGH') }),
  }),
});
function checkTurns(contents, issued) {
  const current = contents.findLastIndex(({ role, parts }) =>
    role !== 'model' && parts.some(({ functionResponse }) => !functionResponse));
  contents.forEach(({ role, parts }, index) => {
    const calls = parts.filter(({ functionCall }) => functionCall);
    if (role === contents[index - 1]?.role) refuse(`Two contents of ${role} in a row.`);
    if (calls.length > 0) {
      const next = contents[index + 1]?.parts.filter(({ functionResponse }) => functionResponse);
      if (!next || next.length !== calls.length) {
        refuse('Please ensure that the number of function response parts is equal to the number of '
          + 'function call parts of the function call turn.');
      }
      calls.forEach(({ functionCall }) => {
        const answers = next.filter(({ functionResponse }) =>
          functionResponse.name === functionCall.name
          && (!functionResponse.id || functionResponse.id === functionCall.id));
        if (answers.length === 0) refuse(`No function response for ${functionCall.name}.`);
      });
      const [{ functionCall, thoughtSignature }] = calls;
      if (index > current && !thoughtSignature) {
        refuse('Function call is missing a thought_signature in functionCall parts. This is '
          + `required for tools to work correctly. function call \`${functionCall.name}\``);
      }
    }
    for (const { thoughtSignature: signature } of parts) {
      if (signature && signature !== 'skip_thought_signature_validator' && !issued.has(signature)) {
        refuse('Thought signature is not valid.');
      }
    }
    const before = contents[index - 1]?.parts.some(({ functionCall }) => functionCall);
    if (parts.some(({ functionResponse }) => functionResponse) && !before) {
      refuse('Please ensure that function response turn comes immediately after a function call '
        + 'turn.');
    }
  });
}

const answered = ({ output, error, result, ...rest }) => {
  const told = output ?? error ?? result;
  return typeof told === 'string' ? told : JSON.stringify(told ?? rest);
};

function blocksOf({ role, parts }) {
  return parts.flatMap((each) => {
    const blocks = [];
    if (each.thoughtSignature) blocks.push({ type: 'thinking', seal: each.thoughtSignature });
    const { functionCall: call, functionResponse: response } = each;
    if (call) blocks.push({ type: 'tool_use', id: call.id, name: call.name, input: call.args ?? {} });
    if (response) {
      blocks.push({ type: 'tool_result', id: response.id, text: answered(response.response) });
    }
    if (each.inlineData) blocks.push({ type: 'image', role });
    if (each.text && !each.thought) {
      blocks.push({ type: 'text', role: role === 'model' ? 'assistant' : role, text: each.text });
    }
    return blocks;
  });
}

const path = /^\/v1beta\/models\/([^/:]+):(generateContent|streamGenerateContent)$/;

export function geminiProvider() {
  const issued = new Set();
  const signature = (serial) => Buffer.from(`fake signature ${serial} >>>???`).toString('base64');
  return {
    name: 'gemini',
    toml: (url) => `type = "gemini"\nbase_url = "${url}"`,
    keyOf: (headers) => headers['x-goog-api-key'],
    asks: (request) => request.method === 'POST' && path.test(request.path),
    check(body) {
      shape(body, '');
      checkTurns(body.contents, issued);
    },
    refusal: ({ status, message }) => json(status,
      { error: { code: status, message, status: 'INVALID_ARGUMENT' } }),
    view: (body, request) => ({
      model: path.exec(request.path)[1],
      stream: request.path.endsWith(':streamGenerateContent'),
      maxTokens: body.generationConfig?.maxOutputTokens,
      tools: (body.tools ?? []).flatMap(({ functionDeclarations = [] }) =>
        functionDeclarations.map((each) => each.name)),
      searches: (body.tools ?? []).some(({ googleSearch }) => googleSearch),
      schema: body.generationConfig?.responseJsonSchema ?? body.generationConfig?.responseSchema,
      blocks: [
        ...(body.systemInstruction
          ? blocksOf({ role: 'system', parts: body.systemInstruction.parts }) : []),
        ...body.contents.flatMap((each) => blocksOf({ role: 'user', ...each })),
      ],
    }),
    answer(blocks, { request, options, serial }) {
      issued.add(signature(serial));
      const model = path.exec(request.path)[1];
      if (!request.path.endsWith(':streamGenerateContent')) {
        return json(200, chunk(partsOf(blocks, signature(serial)), model, true, foundBy(blocks)));
      }
      const chunks = [];
      for (const each of partsOf(blocks, signature(serial))) {
        const pieces = each.text === undefined ? [each]
          : inPieces(each.text).map((words) => ({ ...each, text: words }));
        for (const piece of pieces) chunks.push(chunk([piece], model, false));
      }
      chunks.push(chunk([{ text: '' }], model, true, foundBy(blocks)));
      if (request.query.get('alt') !== 'sse') return json(200, chunks);
      return sse(chunks.map((each) => `data: ${JSON.stringify(each)}\r\n\r\n`), options);
    },
    sealOf: (blocks, serial) => signature(serial),
  };
}

function partsOf(blocks, signature) {
  const first = blocks.find(({ type }) => type === 'tool_use');
  return blocks.filter(({ type }) => type !== 'search').map((block) => {
    if (block.type === 'thinking') return { text: block.thinking, thought: true };
    if (block.type === 'text') return { text: block.text };
    const call = { functionCall: { id: block.id, name: block.name, args: block.input } };
    return block === first ? { ...call, thoughtSignature: signature } : call;
  });
}

/** What Google's search found, as it stands in the last chunk: bounds are bytes of UTF-8. */
function foundBy(blocks) {
  const search = blocks.find(({ type }) => type === 'search');
  if (!search) return {};
  const { text, cites = [] } = blocks.find((block) => block.type === 'text');
  return { groundingMetadata: {
    webSearchQueries: [search.query],
    groundingChunks: search.hits.map(({ url, title }) => ({ web: { uri: url, title } })),
    groundingSupports: cites.map(({ piece, url }) => {
      const startIndex = Buffer.byteLength(text.slice(0, text.indexOf(piece)));
      return { segment: { startIndex, endIndex: startIndex + Buffer.byteLength(piece), text: piece },
        groundingChunkIndices: [search.hits.findIndex((hit) => hit.url === url)] };
    }),
  } };
}

const chunk = (parts, model, last, found = {}) => ({
  candidates: [{ content: { parts, role: 'model' }, index: 0,
    ...(last ? { finishReason: 'STOP', ...found } : {}) }],
  usageMetadata: { promptTokenCount: 100, cachedContentTokenCount: 20, candidatesTokenCount: 20,
    thoughtsTokenCount: 10, totalTokenCount: 130 },
  modelVersion: `${model}-001`,
  responseId: 'fakeresponse01',
});
