import { Alert, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { logQuery } from '../api/activity.ts'
import { deletedProjectsQuery, projectsQuery } from '../api/organizations.ts'
import { passListQuery } from '../api/passes.ts'
import type { Place } from '../api/place.ts'
import { NotFound } from '../layout/page-states.tsx'
import { usePlace } from '../layout/where.ts'
import { FirstPass } from '../passes/first-pass.tsx'
import { Failure } from '../shared/failure.tsx'
import { Loaded } from '../shared/loaded.tsx'
import { Page } from '../shared/page.tsx'
import { When } from '../shared/when.tsx'
import { ProjectActivity } from './project-activity.tsx'

/** How a project does: its figures, its passes that stand out, and what its agents did. */
export function ProjectOverviewPage() {
  const place = usePlace()
  const projects = useQuery(projectsQuery(place.orgId))
  const project = projects.data?.find(({ id }) => id === place.projectId)
  const isGone = projects.data !== undefined && !project
  const passes = useQuery({ ...passListQuery(place, { per_page: 1 }), enabled: !isGone })
  if (isGone) return <DeletedProject key={place.projectId} place={place} />
  return (
    <Page title="Overview" lead={project?.attributes.name ?? '…'}>
      {projects.isError && <Failure error={projects.error} onRetry={() => void projects.refetch()} />}
      <Loaded query={passes} height={640}>
        {({ meta }) =>
          meta.total === 0 ? (
            <WithoutPass key={place.projectId} place={place} />
          ) : (
            <ProjectActivity key={place.projectId} place={place} />
          )
        }
      </Loaded>
    </Page>
  )
}

/** A project that has no pass may have had some: what their agents did is not hidden. */
function WithoutPass({ place }: { readonly place: Place }) {
  const log = useQuery(logQuery({ project: place }, { page: 1, per_page: 10 }))
  return (
    <Stack gap="lg">
      <FirstPass />
      {log.isError && <Failure error={log.error} onRetry={() => void log.refetch()} />}
      {log.data && log.data.total > 0 && <ProjectActivity place={place} />}
    </Stack>
  )
}

/** What was done in a project that is gone, while it is kept. */
function DeletedProject({ place }: { readonly place: Place }) {
  const query = useQuery(deletedProjectsQuery(place.orgId))
  return (
    <Loaded query={query} height={640}>
      {deleted => {
        const project = deleted.find(({ id }) => id === place.projectId)?.attributes
        if (!project) return <NotFound />
        return (
          <Page title="Overview" lead={project.name}>
            <Alert color="gray" title="This project is deleted">
              It was deleted on <When at={project.deletedAt} />. What its agents did and its audit trail can
              be read while they are kept.
            </Alert>
            <ProjectActivity place={place} deleted />
          </Page>
        )
      }}
    </Loaded>
  )
}
