import { Group, SimpleGrid, Switch, Text, TextInput } from '@mantine/core'
import { FieldGroup } from './field-group.tsx'
import { defaultEnd, oneYearAfter, usePassFormContext } from './pass-form.ts'

const TIME_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone
const LATEST = '9999-12-31T00:00'

/** From when to when the pass is good. */
export function ValidityFields() {
  const form = usePassFormContext()
  const { validFrom, validUntil, neverExpires } = form.values
  return (
    <FieldGroup name="Validity">
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <TextInput
          {...form.getInputProps('validFrom')}
          type="datetime-local"
          max={LATEST}
          label="Valid from"
          onChange={event => {
            const chosen = event.currentTarget.value
            const now = new Date()
            if ([oneYearAfter(validFrom), defaultEnd(validFrom, now)].includes(validUntil))
              form.setFieldValue('validUntil', defaultEnd(chosen, now))
            form.setFieldValue('validFrom', chosen)
          }}
        />
        <TextInput
          {...form.getInputProps('validUntil')}
          type="datetime-local"
          max={LATEST}
          label="Valid until"
          disabled={neverExpires}
        />
      </SimpleGrid>
      <Group justify="space-between" mt="md">
        <Switch
          {...form.getInputProps('neverExpires', { type: 'checkbox' })}
          label="Never expires"
          onChange={event => {
            form.setFieldValue('neverExpires', event.currentTarget.checked)
            form.clearFieldError('validUntil')
          }}
        />
        <Text size="sm" c="dimmed">
          Times are yours ({TIME_ZONE}).
        </Text>
      </Group>
    </FieldGroup>
  )
}
