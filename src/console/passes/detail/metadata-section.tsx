import { Button, Group, Stack } from '@mantine/core'
import { PencilIcon } from '@primer/octicons-react'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { mayGrantOwnScopes } from '../../api/access.ts'
import { updatePass } from '../../api/passes.ts'
import { useOrganization } from '../../layout/where.ts'
import { Failure } from '../../shared/failure.tsx'
import { Section } from '../../shared/section.tsx'
import { tell } from '../../shared/tell.ts'
import { useAccessLevels } from '../access-levels.ts'
import { IdentityStep } from '../form/identity-step.tsx'
import { faultsByField, NOT_EMPTY, PassFormProvider, rulesFor, usePassForm } from '../form/pass-form.ts'
import { SecurityStep } from '../form/security-step.tsx'
import { changesOf, valuesOf } from './pass-values.ts'
import { usePass } from './use-pass.ts'

/** Everything that a pass was made with, to be changed by who may. */
export function MetadataSection() {
  const { may } = useOrganization()
  const [editing, setEditing] = useState(false)
  if (!may('passes.update')) return null
  return (
    <Section
      title="Metadata"
      lead="Name, validity, access level, token format, networks and all that the pass was made with."
      actions={
        !editing && (
          <Button variant="default" leftSection={<PencilIcon />} onClick={() => setEditing(true)}>
            Edit
          </Button>
        )
      }
    >
      {editing && <MetadataForm onDone={() => setEditing(false)} />}
    </Section>
  )
}

function MetadataForm({ onDone }: { readonly onDone: () => void }) {
  const { place, pass, etag, change } = usePass()
  const { role } = useOrganization()
  const ownScopes = mayGrantOwnScopes(role)
  const levels = useAccessLevels()
  // As they were when the form was opened: a refresh in between must not pass for a change of the person's.
  const [opened] = useState(() => ({ etag, values: valuesOf(pass.attributes, levels) }))
  const form = usePassForm({
    initialValues: opened.values,
    validate: { ...rulesFor(ownScopes, levels), ...NOT_EMPTY },
    validateInputOnBlur: true,
  })
  const saving = useMutation({
    mutationFn: () =>
      change(() => updatePass(place, pass.id, changesOf(form.getValues(), opened.values), opened.etag)),
    onSuccess: () => {
      tell('The changes are saved.')
      onDone()
    },
    onError: error => form.setErrors(faultsByField(error, form.getValues()) ?? {}),
  })
  const unplaced = saving.error && !faultsByField(saving.error, form.values) ? saving.error : undefined
  return (
    <PassFormProvider form={form}>
      <form
        noValidate
        onSubmit={form.onSubmit(() => {
          saving.mutate()
        })}
      >
        <Stack gap="lg">
          <IdentityStep />
          <SecurityStep ownScopes={ownScopes} editing />
          {unplaced && <Failure error={unplaced} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onDone}>
              Cancel
            </Button>
            <Button type="submit" loading={saving.isPending}>
              Save
            </Button>
          </Group>
        </Stack>
      </form>
    </PassFormProvider>
  )
}
