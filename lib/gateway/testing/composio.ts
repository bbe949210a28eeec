import { type Exchange, sendJson } from './answering.ts';

const TOOL = {
  slug: 'GITHUB_STAR',
  name: 'Star',
  description: 'Stars a repository',
  toolkit: { slug: 'github', name: 'GitHub', logo: '' },
  input_parameters: { type: 'object', properties: { repo: { type: 'string' } } },
  output_parameters: { type: 'object', properties: {} },
  tags: [],
  scopes: [],
  no_auth: false,
  version: '20260101_00',
  available_versions: ['20260101_00'],
  is_deprecated: false,
  deprecated: {
    available_versions: [],
    displayName: 'Star',
    version: '20260101_00',
    toolkit: { logo: '' },
    is_deprecated: false,
  },
};

export function answerComposio({ call, body, res }: Exchange, status: number): void {
  const path = call.url.replace(/^\/composio\/api\/v3(?:\.\d)?/, '').replace(/\?.*/, '');
  if (status > 0) return sendJson(res, status, { error: { message: `status ${status}`, status, slug: 'Error' } });
  if (path === '/tools')
    return sendJson(res, 200, { items: [TOOL], next_cursor: null, total_pages: 1, current_page: 1, total_items: 1 });
  if (path.startsWith('/tools/execute/')) {
    return sendJson(res, 200, {
      data: { user: body['user_id'], given: body['arguments'] },
      error: null,
      successful: true,
      log_id: 'log_1',
    });
  }
  if (path.startsWith('/tools/')) return sendJson(res, 200, TOOL);
  if (path === '/toolkits')
    return sendJson(res, 200, { items: [], next_cursor: null, total_pages: 1, current_page: 1, total_items: 0 });
  if (path === '/connected_accounts') {
    return sendJson(res, 200, { items: [], next_cursor: null, total_pages: 1, current_page: 1, total_items: 0 });
  }
  return sendJson(res, 404, { error: { message: path, status: 404, slug: 'NotFound' } });
}
