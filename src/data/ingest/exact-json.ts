const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/**
 * Returns the value of a JSON text with every number as the text that stands there, so that no digit is lost on the way through a float64.
 * Throws SyntaxError where the text is no JSON.
 */
export function parseExactJson(text: string): unknown {
  // What follows would take a key without quotes for one with them: the text has to be JSON as it is.
  JSON.parse(text);
  return JSON.parse(text.replace(TOKEN, (token) => (token.startsWith('"') ? token : `"${token}"`)));
}
