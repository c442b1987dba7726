import { CloseButton, Grid, Select, TagsInput, TextInput } from '@mantine/core'
import { SearchIcon } from '@primer/octicons-react'
import type { PassFilter } from '../api/passes.ts'
import { useSettledText } from '../shared/use-settled-text.ts'
import {
  ACCESS_LEVEL_LABELS,
  CREDENTIAL_TYPE_LABELS,
  isKeyOf,
  optionsOf,
  STATUS_LABELS,
  USAGE_TYPE_LABELS,
} from './labels.ts'
import { SORTS } from './pass-search.ts'

/** What the list of passes is narrowed to, and its order. Each change leads back to the first page. */
export function PassFilters({ filter, tags, onChange }: PassFiltersProps) {
  const { search = '', status, credential_type: type, tags: chosen, sort_by: sortBy } = filter
  const narrowed = { ...filter, page: undefined }
  return (
    <Grid align="flex-end" gap="sm" role="search" aria-label="Passes">
      <Grid.Col span={{ base: 12, lg: 6 }}>
        <SearchBox
          value={search}
          onSettled={text => onChange({ ...narrowed, search: text || undefined }, true)}
        />
      </Grid.Col>
      <Grid.Col span={{ base: 6, lg: 3 }}>
        <TagsInput
          label="Tags"
          placeholder={chosen ? '' : 'Any'}
          data={tags}
          value={chosen?.split(',') ?? []}
          acceptValueOnBlur={false}
          clearable
          clearButtonProps={{ 'aria-label': 'Any tags' }}
          onChange={values => onChange({ ...narrowed, tags: values.join(',') || undefined })}
        />
      </Grid.Col>
      <Grid.Col span={{ base: 6, lg: 3 }}>
        <Select
          label="Sort"
          data={SORTS.map(({ label, sort_by: value }) => ({ value, label }))}
          value={sortBy ?? SORTS[0].sort_by}
          allowDeselect={false}
          onChange={value => {
            const sort = SORTS.find(one => one.sort_by === value)
            onChange({ ...narrowed, sort_by: sort?.sort_by, sort_order: sort?.sort_order })
          }}
        />
      </Grid.Col>
      <Grid.Col span={{ base: 6, sm: 3 }}>
        <Select
          label="Status"
          placeholder="Any"
          data={optionsOf(STATUS_LABELS)}
          value={status ?? null}
          clearable
          clearButtonProps={{ 'aria-label': 'Any status' }}
          onChange={value =>
            onChange({ ...narrowed, status: isKeyOf(STATUS_LABELS, value) ? value : undefined })
          }
        />
      </Grid.Col>
      <Grid.Col span={{ base: 6, sm: 3 }}>
        <Select
          label="Credential type"
          placeholder="Any"
          data={optionsOf(CREDENTIAL_TYPE_LABELS)}
          value={type ?? null}
          clearable
          clearButtonProps={{ 'aria-label': 'Any credential type' }}
          onChange={value =>
            onChange({
              ...narrowed,
              credential_type: isKeyOf(CREDENTIAL_TYPE_LABELS, value) ? value : undefined,
            })
          }
        />
      </Grid.Col>
      <Grid.Col span={{ base: 6, sm: 3 }}>
        <Select
          label="Access level"
          placeholder="Any"
          data={optionsOf(ACCESS_LEVEL_LABELS)}
          value={filter.access_level ?? null}
          clearable
          clearButtonProps={{ 'aria-label': 'Any access level' }}
          onChange={value =>
            onChange({ ...narrowed, access_level: isKeyOf(ACCESS_LEVEL_LABELS, value) ? value : undefined })
          }
        />
      </Grid.Col>
      <Grid.Col span={{ base: 6, sm: 3 }}>
        <Select
          label="Usage type"
          placeholder="Any"
          data={optionsOf(USAGE_TYPE_LABELS)}
          value={filter.usage_type ?? null}
          clearable
          clearButtonProps={{ 'aria-label': 'Any usage type' }}
          onChange={value =>
            onChange({ ...narrowed, usage_type: isKeyOf(USAGE_TYPE_LABELS, value) ? value : undefined })
          }
        />
      </Grid.Col>
    </Grid>
  )
}

interface PassFiltersProps {
  readonly filter: PassFilter
  /** Tags to choose from; others can be typed. */
  readonly tags: readonly string[]
  /** @param replace without a step in the browser's history: somebody is typing */
  readonly onChange: (filter: PassFilter, replace?: boolean) => void
}

/** @param onSettled called when nothing has been typed for a moment */
function SearchBox({ value, onSettled }: SearchBoxProps) {
  const [text, type] = useSettledText(value, onSettled)
  return (
    <TextInput
      label="Search"
      placeholder="Name or id of the agent"
      maxLength={200}
      leftSection={<SearchIcon />}
      rightSection={text !== '' && <CloseButton aria-label="Clear the search" onClick={() => type('')} />}
      value={text}
      onChange={event => type(event.currentTarget.value)}
    />
  )
}

interface SearchBoxProps {
  readonly value: string
  readonly onSettled: (text: string) => void
}
