import { NotFoundError } from '../../../lib/errors.ts';
import { publicRoute } from '../../_server/route.ts';

/** Programs that ask for what is not there get JSON, not a page. */
const nothing = publicRoute(async () => {
  throw new NotFoundError('not_found', 'There is nothing at this address.');
});

export { nothing as DELETE, nothing as GET, nothing as PATCH, nothing as POST, nothing as PUT };
