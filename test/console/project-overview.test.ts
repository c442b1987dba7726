import { readFile } from 'node:fs/promises'
import type { Browser } from 'playwright-core'
import { expectReadable, serveConsole, signedIn } from '../support/browser.ts'
import type { TestServer } from '../support/server.ts'

let server: TestServer
let browser: Browser
serveConsole(started => {
  ;({ server, browser } = started)
})

it('leads to the first pass where there is none', async () => {
  const project = await server.createProject()
  const { page, base } = await signedIn(browser, server, project)
  await page.goto(base)
  await page.getByRole('heading', { name: 'Give your first agent a pass' }).waitFor()
  await expectReadable(page)
})

it('sums up what all agents did, and ranks their passes', async () => {
  const project = await server.createProject()
  const busy = await server.createPass(project, { title: 'Busy Agent' })
  const failing = await server.createPass(project, { title: 'Failing Agent' })
  for (let index = 0; index < 3; index += 1) await server.fetchToken(busy.credentials)
  await server.fetchToken(failing.credentials)
  for (let index = 0; index < 2; index += 1)
    await expect(server.fetchToken(failing.credentials, 'not:granted')).rejects.toThrow('400')
  server.clock.advance({ hours: 2 })
  const { page, base } = await signedIn(browser, server, project, { role: 'VIEWER' })
  await page.goto(base)
  const figure = (label: string, value: string) =>
    page.getByRole('group', { name: label }).filter({ hasText: value }).waitFor()
  await figure('Total requests', '6')
  await figure('Success rate', '66.7%')
  await figure('Errors', '2')
  const passes = page.getByRole('table', { name: 'Passes that stand out' }).getByRole('row')
  await passes.nth(1).getByText('Failing Agent').or(passes.nth(1).getByText('Busy Agent')).waitFor()
  await page.getByText('Most failing').click()
  await passes.nth(1).getByRole('link', { name: 'Failing Agent' }).waitFor()
  const [slowest] = await Promise.all([
    page.waitForResponse(answer => answer.url().includes('sort_by=p95_latency_ms')),
    page.getByText('Slowest').click(),
  ])
  const { passes: ranked } = await slowest.json()
  await passes.nth(1).getByText(String(ranked[0].title), { exact: true }).waitFor()
  await page.getByText('6 rows').waitFor()
  const log = page.getByRole('region', { name: 'Activity' }).getByRole('row')
  await log.nth(1).getByRole('link', { name: 'Failing Agent' }).waitFor()
  await expectReadable(page)
  await page.getByRole('combobox', { name: 'Status' }).click()
  await page.getByRole('option', { name: 'Failed' }).click()
  await page.getByText('2 rows').waitFor()
  await page.getByRole('button', { name: 'Export' }).click()
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: 'JSON Lines' }).click(),
  ])
  const saved = (await readFile(await download.path(), 'utf8')).trim().split('\n')
  expect(saved.map(line => JSON.parse(line).agent_user_id)).toEqual(
    Array(2).fill(failing.credentials.agentUserId),
  )
  await page.getByRole('button', { name: 'Clear filters' }).click()
  await page.getByText('7 days').click()
  await figure('Total requests', '6')
  expect(new URL(page.url()).search).toBe('?range=7d')
})

it('shows what the agent of a deleted pass did, beside the way to another pass', async () => {
  const project = await server.createProject()
  const gone = await server.createPass(project)
  await server.fetchToken(gone.credentials)
  const { page, base } = await signedIn(browser, server, project)
  await server.http.delete(`${project.path}/sentinel_passes/${gone.id}`).set('Api-Key', project.apiKey)
  await page.goto(base)
  await page.getByRole('heading', { name: 'Give your first agent a pass' }).waitFor()
  await page.getByRole('cell', { name: gone.credentials.agentUserId }).waitFor()
  await expectReadable(page)
})

it('narrows the log by pass, status code, method and address, in the page’s own address', async () => {
  const project = await server.createProject()
  const [one, other] = [await server.createPass(project), await server.createPass(project)]
  for (const { credentials } of [one, one, other]) await server.fetchToken(credentials)
  await expect(server.fetchToken(one.credentials, 'not:granted')).rejects.toThrow('400')
  const token = await server.fetchToken(other.credentials)
  await server.http
    .post('/v1/api/oauth/introspect')
    .set('Authorization', `Bearer ${project.apiKey}`)
    .type('form')
    .send({ token, endpoint: '/untold' })
  const { page, base } = await signedIn(browser, server, project, { role: 'VIEWER' })
  await page.goto(base)
  await page.getByText('6 rows').waitFor()
  await page.getByRole('row', { name: /\/untold –/ }).waitFor()
  await page.getByLabel('Pass id').fill(String(one.attributes.passId))
  await page.getByText('3 rows').waitFor()
  await page.getByLabel('Status code').fill('4')
  await page.getByText('Such as 404, 5xx').waitFor()
  await expectReadable(page)
  await page.getByLabel('Status code').fill('400')
  await page.getByText('1 row', { exact: true }).waitFor()
  await page.getByRole('combobox', { name: 'Method' }).click()
  await page.getByRole('option', { name: 'GET' }).click()
  await page.getByText('Nothing matches these filters.').waitFor()
  await page.reload()
  await page.getByText('Nothing matches these filters.').waitFor()
  expect(await page.getByLabel('Status code').inputValue()).toBe('400')
  await page.getByRole('button', { name: 'Clear filters' }).click()
  await page.getByText('6 rows').waitFor()
  await page.getByLabel('IP address').fill('192.0.2.9')
  await page.getByText('Nothing matches these filters.').waitFor()
})
