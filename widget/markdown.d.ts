// Names what the processor of markdown keeps of its extensions.
import 'remark-parse';
