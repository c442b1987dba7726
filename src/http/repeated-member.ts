/**
 * The first name that an object has twice. Parsers take the last of them, others the first (RFC 8259 section 4): what one
 * has read before this server need not be what is done here.
 * @param json well-formed
 */
export function repeatedMember(json: string): string | undefined {
  const open: Set<string>[] = []
  let text = ''
  for (let at = 0; at < json.length; at += 1) {
    const character = json[at]
    if (character === '"') {
      const start = at
      for (at += 1; json[at] !== '"'; at += 1) if (json[at] === '\\') at += 1
      text = json.slice(start, at + 1)
    } else if (character === '{' || character === '[') open.push(new Set())
    else if (character === '}' || character === ']') open.pop()
    else if (character === ':') {
      const name = String(JSON.parse(text))
      const names = open.at(-1)
      if (names?.has(name)) return name
      names?.add(name)
    }
  }
  return undefined
}
