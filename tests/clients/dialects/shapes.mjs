// What a vendor's schema lets in, said in a few words. A shape is a function of a value and of where
// it stands; it throws what the vendor would answer.

export class Refused extends Error {
  /** `param`: the field that is wrong; `code`: the vendor's word for it. */
  constructor(message, { param = null, code = null, status = 400 } = {}) {
    super(message);
    Object.assign(this, { param, code, status });
  }
}

export const refuse = (message, details) => {
  throw new Refused(message, details);
};

const kindOf = (value) => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value);
const plain = (kind) => (value, at) => {
  if (kindOf(value) !== kind) {
    refuse(`Invalid type for '${at}': expected ${kind}, but got ${kindOf(value)} instead.`,
      { param: at, code: 'invalid_type' });
  }
};

export const any = () => {};
export const text = plain('string');
export const flag = plain('boolean');
export const anyObject = plain('object');
export const nullable = (shape) => (value, at) => value === null || shape(value, at);

export const number = (min = -Infinity, max = Infinity) => (value, at) => {
  plain('number')(value, at);
  if (value < min || value > max) refuse(`'${at}' must be from ${min} to ${max}.`, { param: at });
};
export const count = (min = 0) => (value, at) => {
  number(min)(value, at);
  if (!Number.isInteger(value)) refuse(`'${at}' must be an integer.`, { param: at });
};

export const word = (...words) => (value, at) => {
  if (!words.includes(value)) {
    refuse(`Invalid value: '${value}' at '${at}'. Supported values are: ${words.join(', ')}.`,
      { param: at, code: 'invalid_value' });
  }
};
export const pattern = (expression) => (value, at) => {
  text(value, at);
  if (!expression.test(value)) {
    refuse(`Invalid '${at}': '${value}' does not match '${expression.source}'.`, { param: at });
  }
};

/** A list that is not empty unless `min` is 0. */
export const list = (shape, min = 1) => (value, at) => {
  plain('array')(value, at);
  if (value.length < min) refuse(`Invalid '${at}': empty array.`, { param: at });
  value.forEach((each, index) => shape(each, `${at}[${index}]`));
};

/** An object of these members alone. */
export const object = (required, optional = {}) => {
  const known = { ...required, ...optional };
  return (value, at) => {
    plain('object')(value, at);
    const name = (member) => (at ? `${at}.${member}` : member);
    for (const member of Object.keys(value)) {
      if (!Object.hasOwn(known, member)) {
        refuse(`Unknown parameter: '${name(member)}'.`,
          { param: name(member), code: 'unknown_parameter' });
      }
    }
    for (const member of Object.keys(required)) {
      if (!Object.hasOwn(value, member)) {
        refuse(`Missing required parameter: '${name(member)}'.`,
          { param: name(member), code: 'missing_required_parameter' });
      }
    }
    for (const [member, each] of Object.entries(value)) known[member](each, name(member));
  };
};

/** An object whose `member` says which of the shapes it has. */
export const tagged = (member, shapes, otherwise) => (value, at) => {
  plain('object')(value, at);
  const shape = shapes[value[member] ?? otherwise];
  if (!shape) {
    refuse(`Invalid value: '${value[member]}' at '${at}.${member}'.`,
      { param: `${at}.${member}`, code: 'invalid_value' });
  }
  shape(value, at);
};

/** A JSON Schema whose objects allow no further properties; `all`: and require all that they have. */
export const closedSchema = (all) => (schema, at) => {
  if (kindOf(schema) !== 'object') return;
  const { properties = {}, required = [], $defs = {}, definitions = {}, patternProperties = {},
    prefixItems = [], anyOf = [], allOf = [], oneOf = [], items, not } = schema;
  if ([schema.type].flat().includes('object') || schema.properties) {
    if (schema.additionalProperties !== false) {
      refuse(`${at}: For 'object' type, 'additionalProperties' must be explicitly set to false`,
        { param: at });
    }
    if (all && !Object.keys(properties).every((each) => required.includes(each))) {
      refuse(`${at}: 'required' must include every key in properties.`, { param: at });
    }
  }
  const named = [properties, $defs, definitions, patternProperties].flatMap(Object.values);
  for (const each of [...named, ...prefixItems, ...anyOf, ...allOf, ...oneOf, items, not]) {
    closedSchema(all)(each, at);
  }
};

/** What has a schema, which with `strict` leaves nothing open; `all`: as with closedSchema. */
export const strictly = (shape, member = 'schema', all = true) => (value, at) => {
  shape(value, at);
  if (value.strict) closedSchema(all)(value[member], `${at}.${member}`);
};

/** A string, or what `shape` says. */
export const textOr = (shape) => (value, at) => typeof value === 'string' || shape(value, at);
