/** Where the repository lies among the files of its stream. */
export const DIRECTORY = '/repository'
