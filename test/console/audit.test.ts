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
      server.deps.audit.noteIn(em, { organizationId: project.organizationId, projectId: null }, ACTOR, {
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
  await page.getByText('Created the organization').waitFor()
  expect(new URL(page.url()).search).toBe('?page=2')
  await expectReadable(page)
})
