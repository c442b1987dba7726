/** Parsers of `application/x-www-form-urlencoded` stop here without a word, Node.js's own among them. */
export const MOST_PARAMETERS = 1000

/** Whether a form or a query has more parameters than are read: the rest must not be passed over in silence. */
export function hasTooManyParameters(encoded: string): boolean {
  let parameters = 1
  for (let at = encoded.indexOf('&'); at !== -1; at = encoded.indexOf('&', at + 1)) parameters += 1
  return parameters > MOST_PARAMETERS
}
