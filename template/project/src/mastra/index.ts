import { Mastra } from '@mastra/core/mastra';
import { Observability, MastraStorageExporter } from '@mastra/observability';
import { agents } from './agents/index';
import { appRoutes } from './server/apps';
import { storage } from './storage';
import { tools } from './tools/index';
import { workflows } from './workflows/index';

export const mastra = new Mastra({
  agents,
  workflows,
  tools,
  storage,
  server: { apiRoutes: appRoutes },
  observability: new Observability({
    configs: {
      default: {
        serviceName: 'mastra',
        exporters: [new MastraStorageExporter()],
      },
    },
  }),
});
