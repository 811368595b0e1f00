type ImportExportKind = "function" | "table" | "memory" | "global" | "tag";
type ImportValue = number | bigint | Function | Memory | Table | Global | Tag;
type Imports = Record<string, Record<string, ImportValue>>;
type Exports = Record<string, any>;
interface ModuleExportDescriptor {
  kind: ImportExportKind;
  name: string;
}
interface ModuleImportDescriptor {
  kind: ImportExportKind;
  module: string;
  name: string;
}
interface WebAssemblyInstantiatedSource {
  instance: Instance;
  module: Module;
}
