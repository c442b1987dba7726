/** Where the server is, which says in `<base>` where the console is. With a trailing slash. */
export const SERVER = new URL('..', document.baseURI).href

/** The path of the console, without a trailing slash. */
export const CONSOLE_PATH = new URL(document.baseURI).pathname.replace(/\/$/, '')

/** An address of the server's API. @param path such as `organizations/…` */
export function apiUrl(path: string): URL {
  return new URL(`v1/api/${path}`, SERVER)
}

/**
 * Where people are to reach the console, when that is not where they are: at 127.0.0.1 for localhost, say. Sign-in leads to
 * that address alone. Undefined: here.
 */
export function properAddress(): string | undefined {
  const publicUrl = document.querySelector<HTMLMetaElement>('meta[name="public-url"]')?.content
  if (!publicUrl || new URL(publicUrl).origin === location.origin) return undefined
  return new URL(publicUrl).origin + location.pathname + location.search + location.hash
}
