import { Button, Group } from '@mantine/core'
import { useMutation, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { deleteProject, type ProjectResource, projectsQuery, renameProject } from '../api/organizations.ts'
import { projectPath } from '../api/place.ts'
import { NotFound } from '../layout/page-states.tsx'
import { useOrganization, usePlace } from '../layout/where.ts'
import { apiUrl } from '../place.ts'
import { Confirm } from '../shared/confirm.tsx'
import { Copyable } from '../shared/copy.tsx'
import { Facts } from '../shared/facts.tsx'
import { NameForm } from '../shared/name-form.tsx'
import { Page } from '../shared/page.tsx'
import { Section } from '../shared/section.tsx'
import { tell } from '../shared/tell.ts'
import { When } from '../shared/when.tsx'

/** A project: its name, and what programs need to know of it. */
export function ProjectSettingsPage() {
  const place = usePlace()
  const { may } = useOrganization()
  const { data: projects } = useSuspenseQuery(projectsQuery(place.orgId))
  const project = projects.find(({ id }) => id === place.projectId)
  if (!project) return <NotFound />
  const { name, createdAt } = project.attributes
  return (
    <Page title="Project settings" lead={name}>
      <Section title="Project">
        <Facts of={{ ...(may('projects.update') ? {} : { Name: name }), Created: <When at={createdAt} /> }} />
        {may('projects.update') && <Rename key={project.id} project={project} />}
      </Section>
      <Section title="For programs" lead="What agents, gateways and scripts are set up with.">
        <Facts
          of={{
            'API base URL': <Copyable value={apiUrl('').href.replace(/\/$/, '')} label="API base URL" />,
            'Token endpoint': <Copyable value={apiUrl('oauth/token').href} label="token endpoint" />,
            'Project URL': <Copyable value={apiUrl(projectPath(place)).href} label="project URL" />,
            'Project id': <Copyable value={place.projectId} label="project id" />,
            'Organization id': <Copyable value={place.orgId} label="organization id" />,
          }}
        />
      </Section>
      {may('projects.delete') && <Deletion project={project} />}
    </Page>
  )
}

function Rename({ project }: { readonly project: ProjectResource }) {
  const { name, organizationId } = project.attributes
  const client = useQueryClient()
  const renaming = useMutation({
    mutationFn: (to: string) => renameProject(organizationId, project.id, to),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: projectsQuery(organizationId).queryKey })
      tell('The project is renamed.')
    },
  })
  return <NameForm key={name} label="Name of the project" action="Rename" initial={name} naming={renaming} />
}

function Deletion({ project }: { readonly project: ProjectResource }) {
  const { name, organizationId: orgId } = project.attributes
  const client = useQueryClient()
  const navigate = useNavigate()
  const [asked, setAsked] = useState(false)
  return (
    <Section
      title="Delete the project"
      lead="Its passes, secrets and API keys go with it, and every live token stops at once. What was recorded stays for the retention period."
    >
      <Group>
        <Button color="red" variant="outline" onClick={() => setAsked(true)}>
          Delete the project
        </Button>
      </Group>
      <Confirm
        opened={asked}
        onClose={() => setAsked(false)}
        title={`Delete ${name}?`}
        action="Delete the project"
        danger
        typed={name}
        onConfirm={async () => {
          await deleteProject(orgId, project.id)
          await navigate({ to: '/organizations/$orgId/settings', params: { orgId } })
          await client.invalidateQueries({ queryKey: projectsQuery(orgId).queryKey })
          tell(`The project ${name} is deleted.`)
        }}
      >
        All agents of this project are refused from now on. This cannot be undone.
      </Confirm>
    </Section>
  )
}
