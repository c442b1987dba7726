import type { Browser } from 'playwright-core'
import { expectReadable, openWindow, serveConsole, signInOn } from '../support/browser.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { createUser } from '../support/sign-in.ts'

let server: TestServer
let browser: Browser
serveConsole(started => {
  ;({ server, browser } = started)
})

it('leads from / to the console, which asks to sign in', async () => {
  const page = await openWindow(browser, server)
  const scripts = new Map<string, number>()
  const complaints: string[] = []
  page.on('console', message => complaints.push(message.text()))
  page.on('response', answer => {
    if (answer.url().endsWith('.js') && answer.status() === 200)
      scripts.set(answer.url(), Number(answer.headers()['content-length']))
  })
  await page.goto('/')
  await page.getByRole('button', { name: 'Sign in' }).waitFor()
  expect(new URL(page.url()).pathname).toBe('/console')
  await expectReadable(page)
  // Nothing that the page's policy forbids, nor any other complaint of the browser.
  expect(complaints).toEqual([])
  expect(scripts.size).toBeGreaterThan(5)
  expect([...scripts.values()].reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(300_000)
})

it('signs in, stays signed in over a reload at the same page, and signs out', async () => {
  const project = await server.createProject()
  const user = await createUser(server, { [project.organizationId]: 'OWNER' })
  const page = await openWindow(browser, server)
  await page.goto('/console')
  await signInOn(page, user.email)
  await page.getByRole('button', { name: 'Your account' }).waitFor()
  const base = `/console/organizations/${project.organizationId}/projects/${project.projectId}`
  await page.goto(`${base}/passes`)
  await page.getByRole('heading', { level: 1, name: 'Passes' }).waitFor()
  expect(new URL(page.url()).pathname).toBe(`${base}/passes`)
  const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]))
  expect(kept).not.toMatch(/token|eyJ/)

  await page.getByRole('button', { name: 'Your account' }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('button', { name: 'Sign in' }).waitFor()
  await page.goto(`${base}/passes`)
  await page.getByRole('button', { name: 'Sign in' }).waitFor()
})

it('returns to the page that was asked for before the sign-in', async () => {
  const project = await server.createProject()
  const user = await createUser(server, { [project.organizationId]: 'VIEWER' })
  const page = await openWindow(browser, server)
  const asked = `/console/organizations/${project.organizationId}/projects/${project.projectId}/passes?search=none`
  await page.goto(asked)
  await signInOn(page, user.email)
  await page.getByRole('heading', { level: 1, name: 'Passes' }).waitFor()
  expect(page.url()).toBe(`${server.url}${asked}`)
})

it('leads to the address that sign-in knows, from another one of the same server', async () => {
  const page = await openWindow(browser, server)
  await page.goto(`${server.url.replace('localhost', '127.0.0.1')}/console/account?from=there`)
  await page.getByRole('button', { name: 'Sign in' }).waitFor()
  expect(page.url()).toBe(`${server.url}/console/account?from=there`)
})

it('says on a page over http of another machine that it takes https or loopback, and offers no sign-in', async () => {
  const elsewhere = await startServer({ env: { PUBLIC_URL: 'http://pass.lan.test:8080' } })
  try {
    const page = await openWindow(browser, elsewhere)
    await page.route('http://pass.lan.test:8080/**', async route => {
      const { pathname, search } = new URL(route.request().url())
      const url = `http://127.0.0.1:${elsewhere.deps.config.port}${pathname}${search}`
      await route.fulfill({ response: await route.fetch({ url }) })
    })
    await page.goto('/console')
    const said = page.getByRole('alert')
    await said.getByText('Signing in needs https').waitFor()
    expect(await said.textContent()).toMatch(/https address.*loopback/)
    expect(await page.getByRole('button', { name: 'Sign in' }).isDisabled()).toBe(true)
    expect(await page.textContent('body')).not.toMatch(/crypto/i)
    await expectReadable(page)
  } finally {
    await elsewhere.close()
  }
})
