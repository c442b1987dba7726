import { readFile } from 'node:fs/promises'
import type { Browser } from 'playwright-core'
import { expectReadable, serveConsole, signedIn } from '../support/browser.ts'
import type { TestServer } from '../support/server.ts'

const ACTOR = { type: 'system', id: null, name: 'test', clientIp: null } as const

let server: TestServer
let browser: Browser
serveConsole(started => {
  ;({ server, browser } = started)
})

it('tells who did what to a pass, and what it was before', async () => {
  const project = await server.createProject()
  const pass = await server.createPass(project, { title: 'Sourcing Agent' })
  await server.http
    .put(`${project.path}/sentinel_passes/${pass.id}`)
    .set('Api-Key', project.apiKey)
    .send({ sentinelPass: { description: 'Finds candidates', tags: ['hr', 'beta'] } })
  const { page, base } = await signedIn(browser, server, project, { role: 'VIEWER' })
  await page.goto(`${base}/audit`)
  const row = page.getByRole('row', { name: /Changed a pass.*Sourcing Agent.*Project key.*127\.0\.0\.1/ })
  await row.getByRole('button', { name: /^Details/ }).click()
  await page.getByText('Finds candidates').waitFor()
  await page.getByText('hr, beta').waitFor()
  await expectReadable(page)
  await page.setViewportSize({ width: 360, height: 800 })
  await page.getByRole('listitem').filter({ hasText: 'Changed a pass' }).waitFor()
})

it('shows 25 events on a page, and the page in the address', async () => {
  const project = await server.createProject()
  await server.deps.database.em().transactional(async em => {
    for (let index = 0; index < 30; index += 1)
      server.deps.audit.trail.noteIn(em, { organizationId: project.organizationId, projectId: null }, ACTOR, {
        action: 'telescope.polish',
        targetType: 'organization',
        targetId: project.organizationId,
        targetName: `Telescope ${index}`,
      })
  })
  const { page } = await signedIn(browser, server, project, { role: 'ADMIN' })
  await page.goto(`/console/organizations/${project.organizationId}/audit`)
  const rows = page.getByRole('table', { name: 'Audit events' }).getByRole('row')
  await page.getByText('telescope.polish').first().waitFor()
  expect(await rows.count()).toBe(26)
  await page.getByRole('button', { name: 'Page 2' }).click()
  await page.getByRole('cell', { name: 'Created the organization', exact: true }).waitFor()
  expect(new URL(page.url()).search).toBe('?page=2')
  await expectReadable(page)
})

it('is narrowed by act, target and person, in the address, and exported as it is narrowed', async () => {
  const project = await server.createProject()
  await server.createPass(project, { title: 'Sourcing Agent' })
  await server.createPass(project, { title: 'Billing Agent' })
  const { page, base } = await signedIn(browser, server, project, { role: 'VIEWER' })
  await page.goto(`${base}/audit`)
  const events = page.getByRole('table', { name: 'Audit events' })
  const billing = events.getByRole('row', { name: /Billing Agent/ })
  await billing.waitFor()
  await page.getByLabel('Target').fill('sourcing')
  await billing.waitFor({ state: 'detached' })
  await events.getByRole('row', { name: /Created a pass.*Sourcing Agent/ }).waitFor()
  await page.getByRole('combobox', { name: 'What' }).click()
  await page.getByRole('option', { name: 'Everything on passes' }).click()
  await page.waitForURL(url => url.searchParams.get('action') === 'pass.*')
  expect(new URL(page.url()).searchParams.get('target')).toBe('sourcing')
  await expectReadable(page)
  const download = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Export' }).click()
  await page.getByRole('menuitem', { name: 'CSV' }).click()
  const file = await download
  expect(file.suggestedFilename()).toMatch(/^sentinel-pass-audit-project-\d{8}T\d{6}Z\.csv$/)
  const text = await readFile(await file.path(), 'utf8')
  expect(text.split('\r\n')).toHaveLength(3)
  expect(text).toContain('pass.create')
  await page.setViewportSize({ width: 360, height: 800 })
  await expectReadable(page)
  await page.getByLabel('Who').fill('nobody of that name')
  await page.getByText('Nothing matches these filters.').waitFor()
  await page.getByRole('button', { name: 'Clear filters' }).click()
  await page.getByRole('listitem').filter({ hasText: 'Billing Agent' }).waitFor()
})
