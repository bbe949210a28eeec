import { ApiError } from '../errors.ts';

export function secretInFile({ file, secret }: { file: string; secret: string }): ApiError {
  return new ApiError(409, 'secret_in_file', `“${file}” contains the value of ${secret}. Nothing was exported.`, {
    next: `Read the value from process.env.${secret} instead of writing it into the file, then export again.`,
    file,
  });
}

export function secretInHistory({ file, secret }: { file: string; secret: string | undefined }): ApiError {
  const what =
    secret === undefined
      ? 'is in the history, with its values'
      : `contains the value of ${secret} in an earlier or the present version`;
  return new ApiError(409, 'secret_in_file', `“${file}” ${what}. Nothing was exported.`, {
    next: 'Export as ZIP, which holds the present files only. If the value has been shared already, replace it.',
    file,
  });
}
