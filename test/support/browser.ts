import { setTimeout } from 'node:timers/promises'
import axe, { type AxeResults, type RunOptions } from 'axe-core'
import { type Browser, type BrowserContextOptions, chromium as driver, type Page } from 'playwright-core'
import type { Role } from '../../src/access/role.ts'
import { provideBrowser } from './provide-browser.ts'
import { startServer, type TestProject, type TestServer } from './server.ts'
import { createUser, PASSWORD, signIn, type TestUser } from './sign-in.ts'

const ARGUMENTS = [
  // It shows nothing but the server under test; its own sandbox needs rights that a container does not give.
  '--no-sandbox',
  '--disable-gpu',
  // Connections that Chromium makes of its own accord, to hosts of its maker.
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
  // A page lives for seconds: to compile its code for speed costs more than it saves.
  '--js-flags=--no-opt --no-maglev',
]
const SLOWEST_MS = 30_000
const POLL_MS = 20

/** A Chromium that comes with the packages: nothing has to be installed. `CHROMIUM` names another. */
export async function launchBrowser(): Promise<Browser> {
  return driver.launch({ executablePath: await provideBrowser(), args: ARGUMENTS, headless: true })
}

export interface WindowOptions extends BrowserContextOptions {
  /** The browser keeps its own clock, for what is measured in it. */
  readonly realTime?: boolean
}

/** A window of a browser of its own, which remembers nothing of others. */
export async function openWindow(
  browser: Browser,
  server: TestServer,
  { realTime = false, ...options }: WindowOptions = {},
): Promise<Page> {
  const context = await browser.newContext({
    baseURL: server.url,
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    viewport: { width: 1280, height: 900 },
    reducedMotion: 'reduce',
    ...options,
  })
  context.setDefaultTimeout(SLOWEST_MS)
  const page = await context.newPage()
  // The server's clock is the browser's: what is new there must not be years away here.
  if (!realTime) await page.clock.install({ time: server.clock.now() })
  return page
}

/** What the tests of the console act on. */
export interface ServedConsole {
  readonly server: TestServer
  readonly browser: Browser
}

/** Has one server and one browser for the tests of a file. @param started told of both, before the first test */
export function serveConsole(started: (served: ServedConsole) => void): void {
  let served: ServedConsole
  beforeAll(async () => {
    const [server, browser] = await Promise.all([startServer(), launchBrowser()])
    served = { server, browser }
    started(served)
  })
  // Pages that nobody looks at any more go on refreshing themselves.
  afterEach(async () => {
    await Promise.all(served.browser.contexts().map(context => context.close()))
  })
  afterAll(async () => {
    await served.browser.close()
    await served.server.close()
  })
}

export interface SignedInOptions extends WindowOptions {
  readonly role?: Role
  /** What the member is in further organizations, by their ids. */
  readonly elsewhere?: Readonly<Record<string, Role>>
}

/** A window in which a member of the project's organization is signed in, before it has gone anywhere. */
export async function signedIn(
  browser: Browser,
  server: TestServer,
  project: TestProject,
  options: SignedInOptions = {},
): Promise<{ page: Page; user: TestUser; base: string }> {
  const { role = 'OWNER', elsewhere = {}, ...rest } = options
  const user = await createUser(server, { [project.organizationId]: role, ...elsewhere })
  const page = await openWindow(browser, server, rest)
  const { browser: session } = await signIn(server, user.email)
  const domain = new URL(server.url).hostname
  await page.context().addCookies(session.cookies().map(cookie => ({ ...cookie, domain })))
  const base = `/console/organizations/${project.organizationId}/projects/${project.projectId}`
  return { page, user, base }
}

/** Goes from the console's first page over the server's sign-in page. */
export async function signInOn(page: Page, email: string, password = PASSWORD): Promise<void> {
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByLabel('Email').fill(email)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

const STANDARD = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
const OF_COLOURS = ['color-contrast', 'link-in-text-block']

/** What axe finds on the page as it is, each with its places. @param rules all of WCAG 2.2 AA when not given */
export async function axeFindings(page: Page, rules?: readonly string[]): Promise<string[]> {
  if (!(await page.evaluate<boolean>('"axe" in window'))) await page.evaluate(axe.source)
  const options: RunOptions = {
    runOnly: rules ? { type: 'rule', values: [...rules] } : { type: 'tag', values: STANDARD },
    // The rest is thousands of elements that are as they should be.
    resultTypes: ['violations'],
  }
  const { violations } = await page.evaluate<AxeResults>(`axe.run(document, ${JSON.stringify(options)})`)
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(node => `${id}: ${help}: ${node.target.join(' ')}: ${node.failureSummary ?? ''}`),
  )
}

/** Holds a page to WCAG 2.2 AA in both colour schemes, and to a phone's width without scrolling sideways. */
export async function expectReadable(page: Page): Promise<void> {
  await useColours(page, 'dark')
  // The page is the same but for its colours.
  expect(await axeFindings(page, OF_COLOURS)).toEqual([])
  await useColours(page, 'light')
  expect(await axeFindings(page)).toEqual([])
  const wide = page.viewportSize()
  await page.setViewportSize({ width: 360, height: 800 })
  // The frame takes its place anew a moment after the window has.
  await until(async () => Number(await page.evaluate('document.documentElement.scrollWidth')) <= 360)
  if (wide) await page.setViewportSize(wide)
  await page.emulateMedia({ colorScheme: null })
}

/** Asks for a colour scheme, and waits until the page is drawn in it. */
async function useColours(page: Page, colorScheme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme })
  await page.evaluate('new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)))')
}

/** Waits for what comes about in the browser, without moving its clock. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + SLOWEST_MS
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`It did not come about: ${holds}`)
    await setTimeout(POLL_MS)
  }
}
