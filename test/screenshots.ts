import { mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { launchBrowser, openWindow, signedIn, until } from './support/browser.ts'
import { TestClock } from './support/clock.ts'
import setUp from './support/global-setup.ts'
import tearDown from './support/global-teardown.ts'
import { createResource } from './support/resource-servers.ts'
import { startServer, type TestCredentials, type TestProject } from './support/server.ts'
import { createUser } from './support/sign-in.ts'

/**
 * Takes the pictures of the console in docs/console.md, of a server that has been used for a month.
 *
 * `node test/screenshots.ts`: each page, light, into `docs/console`.
 * `node test/screenshots.ts <folder>`: each page light, dark, and on a phone, to be looked at.
 */
const [folder] = process.argv.slice(2)
const LARGEST_BYTES = 200_000
const NOW = Date.parse('2030-06-14T09:41:00.000Z')
const [HOUR, DAY] = [3_600_000, 86_400_000]
const LOOKS =
  folder === undefined
    ? [{ suffix: '', colorScheme: 'light', width: 1280, height: 860 } as const]
    : ([
        { suffix: '', colorScheme: 'light', width: 1280, height: 860 },
        { suffix: '-dark', colorScheme: 'dark', width: 1280, height: 860 },
        { suffix: '-phone', colorScheme: 'light', width: 360, height: 780 },
      ] as const)

process.env.TEST_BACKEND ??= 'pglite'
await setUp()
const target = folder ?? join(import.meta.dirname, '../docs/console')
mkdirSync(target, { recursive: true })
const server = await startServer({ clock: new TestClock(NOW - 40 * DAY) })
const browser = await launchBrowser()
try {
  const project = await server.createProject('Procurement')
  const agents = await useForAMonth(project)
  const { page, base } = await signedIn(browser, server, project)
  await page.goto(base)
  await page.getByRole('button', { name: 'Your account' }).waitFor()
  const pass = `${base}/passes/${agents.busy}`
  await take(page, 'project', base)
  await take(page, 'passes', `${base}/passes`)
  await take(page, 'pass-overview', pass)
  await take(page, 'pass-permissions', `${pass}/permissions`)
  await take(page, 'pass-usage', `${pass}/usage?range=30d`)
  await take(page, 'pass-settings', `${pass}/settings`)
  await take(page, 'api-keys', `${base}/api-keys`)
  await take(page, 'audit', `${base}/audit`)
  await createResource(server, project, {
    resource: 'https://offers.example.com',
    title: 'Offers',
    scopes: [
      { name: 'read:offers', description: 'Read offers' },
      { name: 'write:offers', description: 'Write and send offers' },
    ],
  })
  await take(page, 'resource-servers', `${base}/resource-servers`)
  await take(page, 'project-settings', `${base}/settings`)
  const organization = `/console/organizations/${project.organizationId}`
  await take(page, 'members', `${organization}/members`)
  await take(page, 'organization-api-keys', `${organization}/api-keys`)
  await take(page, 'organization-settings', `${organization}/settings`)
  await take(page, 'account', '/console/account')
  await take(page, 'create-identity', `${base}/passes/new`)
  await page.getByLabel('Agent name').fill('Invoice Reader')
  await page.getByRole('button', { name: 'Continue' }).click()
  await take(page, 'create-settings')
  await page.getByRole('button', { name: 'Use defaults' }).click()
  await take(page, 'create-review')
  await page.getByRole('button', { name: 'Create agent & pass' }).click()
  await take(page, 'create-credentials')
  const visitor = await openWindow(browser, server)
  await visitor.goto('/console')
  if (folder !== undefined) await take(visitor, 'welcome')
  await visitor.getByRole('button', { name: 'Sign in' }).click()
  await visitor.getByLabel('Password').waitFor()
  await take(visitor, 'sign-in')
} finally {
  await browser.close()
  await server.close()
  await tearDown()
}

/** @param address undefined: the page as it is */
async function take(page: Page, name: string, address?: string): Promise<void> {
  if (address !== undefined) await page.goto(address)
  for (const { suffix, colorScheme, width, height } of LOOKS) {
    await page.setViewportSize({ width, height })
    await page.emulateMedia({ colorScheme })
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.waitForLoadState('networkidle')
    await until(
      async () => (await page.locator('.mantine-Skeleton-root, .mantine-Loader-root').count()) === 0,
    )
    await page.clock.runFor(1_000)
    const path = join(target, `${name}${suffix}.png`)
    await page.screenshot({ path, animations: 'disabled', fullPage: folder !== undefined })
    const { size } = statSync(path)
    if (folder === undefined && size > LARGEST_BYTES) throw new Error(`${path} has ${size} bytes`)
  }
}

/** Passes of every kind, and a month of grants, calls and refusals. */
async function useForAMonth(project: TestProject): Promise<{ readonly busy: string }> {
  const busy = await server.createPass(project, {
    title: 'Sourcing Agent',
    description: 'Finds suppliers and asks them for offers.',
    scopes: ['read:suppliers', 'write:offers', 'read:data'],
    permissions: ['read:suppliers', 'write:offers', 'read:data'],
    tags: ['procurement', 'production'],
    usageType: 'ai_assistant',
    accessLevel: 'premium',
    validUntil: new Date(NOW + 200 * DAY).toISOString(),
  })
  const others = [
    await server.createPass(project, { title: 'Nightly Import', tags: ['ci'], usageType: 'data_processor' }),
    await server.createPass(project, {
      title: 'Contracts MCP Server',
      usageType: 'mcp_server',
      tokenFormat: 'jwt',
      tags: ['production'],
      scopes: ['read:contracts'],
      validUntil: new Date(NOW + 12 * DAY).toISOString(),
    }),
    await server.createPass(project, {
      title: 'Trade Fair Demo',
      tags: ['demo'],
      validUntil: new Date(NOW - 3 * DAY).toISOString(),
    }),
  ]
  for (let day = 30; day >= 0; day -= 1) {
    server.clock.set(NOW - day * DAY - 5 * HOUR)
    for (let turn = 0; turn < 3 + ((day * 7) % 5); turn += 1) {
      server.clock.advance({ minutes: 37 })
      await call(project, busy.credentials, `/suppliers/${(day + turn) % 9}/offers`)
      if (turn % 3 === 0 && others[0]) await call(project, others[0].credentials, '/imports')
      if (turn % 4 === 0 && others[1]) await call(project, others[1].credentials, '/contracts')
      if ((day + turn) % 11 === 0) await refuse(busy.credentials)
    }
  }
  server.clock.set(NOW - 2 * HOUR)
  const paused = await server.createPass(project, { title: 'Price Watch', tags: ['procurement'] })
  const passes = `${project.path}/sentinel_passes`
  await server.http.post(`${passes}/${paused.id}/revoke`).set('Api-Key', project.apiKey)
  await server.http
    .post(`${passes}/${busy.id}/rotate_key`)
    .set('Api-Key', project.apiKey)
    .send({ gracePeriodSeconds: 86_400 })
  server.clock.set(NOW)
  await call(project, busy.credentials, '/suppliers/4/offers')
  await createUser(server, { [project.organizationId]: 'VIEWER' }, 'viewer@example.test')
  await createUser(server, { [project.organizationId]: 'ADMIN' }, 'admin@example.test')
  return { busy: busy.id }
}

async function call(project: TestProject, credentials: TestCredentials, endpoint: string): Promise<void> {
  const token = await server.fetchToken(credentials)
  const context = { endpoint, http_method: 'GET', client_ip: '203.0.113.9', user_agent: 'agent/1.4' }
  await server.http
    .post('/v1/api/oauth/introspect')
    .set('Authorization', `Bearer ${project.apiKey}`)
    .type('form')
    .send({ token, ...context })
}

function refuse({ clientId, clientSecret }: TestCredentials): PromiseLike<unknown> {
  return server.http
    .post('/v1/api/oauth/token')
    .auth(clientId, clientSecret)
    .type('form')
    .send({ grant_type: 'client_credentials', scope: 'admin:users' })
}
