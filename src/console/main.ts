import { CONSOLE_PATH, properAddress, SERVER } from './place.ts'
import { session } from './sign-in/session.ts'

const CALLBACK = `${CONSOLE_PATH}/callback`
/** Pages that the secret in their own link opens. */
const OPEN_PAGES = [`${CONSOLE_PATH}/invitation`, `${CONSOLE_PATH}/password-reset`]

await start()

/** Finds out who is at the screen before anything is drawn. */
async function start(): Promise<void> {
  const proper = properAddress()
  if (proper !== undefined) return location.replace(proper)
  if (location.pathname === CALLBACK) {
    // The pages load while the code is exchanged; one that cannot be loaded is told of where it is drawn.
    import('./app.tsx').catch(() => {})
    const { returnTo, refusal } = await session.complete(location.href)
    // The code has been used; nobody needs it in the history.
    history.replaceState(null, '', returnTo)
    return draw(refusal === 'not signed in' ? undefined : refusal)
  }
  if (OPEN_PAGES.includes(location.pathname)) return draw(undefined)
  // Without it the browser has no cryptography to sign in with; the page says so, and what to do.
  if (!window.isSecureContext) return draw(undefined)
  try {
    await session.begin(location.pathname + location.search, true)
  } catch (error) {
    await draw(`${SERVER} does not answer: ${error instanceof Error ? error.message : error}`)
  }
}

/** Loads the pages only now: who is sent on to the server and back has not waited for them. */
async function draw(refusal: string | undefined): Promise<void> {
  const { drawApp } = await import('./app.tsx')
  drawApp(refusal)
}
