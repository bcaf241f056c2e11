-- Which scripts of a workspace import which: of the newest version of each. What is imported need not be there.

create table script_import(
  workspace text not null references workspace(id),
  importer text not null,
  imported text not null,
  primary key (workspace, importer, imported)
);
create index script_import_imported on script_import(workspace, imported);
