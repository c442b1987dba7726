import { Group, Radio, SimpleGrid, Stack, Text } from '@mantine/core'
import { inWords, useAccessLevels } from '../access-levels.ts'
import { ACCESS_LEVEL_LABELS, isKeyOf, optionsOf } from '../labels.ts'
import { usePassFormContext } from './pass-form.ts'

/** The access levels, each with what it allows. */
export function AccessLevelChoice() {
  const form = usePassFormContext()
  const levels = useAccessLevels()
  return (
    <Radio.Group
      {...form.getInputProps('accessLevel')}
      label="Access level"
      description="How many tokens the agent may fetch, and how long each can live."
    >
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm" mt="xs">
        {optionsOf(ACCESS_LEVEL_LABELS).map(({ value, label }) => (
          <Radio.Card key={value} value={value} p="sm">
            <Group wrap="nowrap" align="flex-start" gap="sm">
              <Radio.Indicator mt={2} />
              <Stack gap={0}>
                <Text size="sm" fw={600}>
                  {label}
                </Text>
                {isKeyOf(ACCESS_LEVEL_LABELS, value) && (
                  <Text size="sm" c="dimmed">
                    {levels[value].grantsPerMinute.toLocaleString()} grants a minute,{' '}
                    {inWords(levels[value].maxTokenTtlSeconds)} a token
                  </Text>
                )}
              </Stack>
            </Group>
          </Radio.Card>
        ))}
      </SimpleGrid>
    </Radio.Group>
  )
}
