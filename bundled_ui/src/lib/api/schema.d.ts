/**
 * The part of the server's OpenAPI document that the UI uses, in the shape openapi-typescript gives it.
 * `npm run api` replaces this file by the generated one.
 */
export interface paths {
  '/version': { get: { responses: { 200: Text } } };
  '/auth/setup_needed': { get: { responses: { 200: Json<{ needed: boolean }> } } };
  '/auth/is_password_login_disabled': { get: { responses: { 200: Json<boolean> } } };
  '/auth/setup': {
    post: {
      requestBody: Body<{ token: string; email: string; password: string; name?: string }>;
      responses: { 201: Text };
    };
  };
  '/auth/login': {
    post: { requestBody: Body<{ email: string; password: string }>; responses: { 200: Text } };
  };
  '/auth/logout': { post: { responses: { 200: Text } } };
  '/users/whoami': { get: { responses: { 200: Json<components['schemas']['GlobalUser']> } } };
  '/workspaces/users': {
    get: { responses: { 200: Json<components['schemas']['UserWorkspaces']> } };
  };
  '/w/{workspace}/users/whoami': {
    get: InWorkspace & { responses: { 200: Json<components['schemas']['WorkspaceUser']> } };
  };
  '/w/{workspace}/scripts/list': {
    get: {
      parameters: {
        path: { workspace: string };
        query?: {
          page?: number;
          per_page?: number;
          path_start?: string;
          path_exact?: string;
          show_archived?: boolean;
          kinds?: string;
          languages?: string;
          created_by?: string;
          order_desc?: boolean;
        };
      };
      responses: { 200: Json<components['schemas']['Script'][]> };
    };
  };
  '/w/{workspace}/scripts/list_paths': {
    get: InWorkspace & { responses: { 200: Json<string[]> } };
  };
  '/w/{workspace}/scripts/get/p/{path}': {
    get: AtPath & { responses: { 200: Json<components['schemas']['Script']> } };
  };
  '/w/{workspace}/scripts/get/h/{hash}': {
    get: AtHash & { responses: { 200: Json<components['schemas']['Script']> } };
  };
  '/w/{workspace}/scripts/exists/p/{path}': {
    get: AtPath & { responses: { 200: Json<boolean> } };
  };
  '/w/{workspace}/scripts/history/p/{path}': {
    get: AtPath & { responses: { 200: Json<components['schemas']['ScriptVersion'][]> } };
  };
  '/w/{workspace}/scripts/create': {
    post: InWorkspace & {
      requestBody: Body<components['schemas']['NewScript']>;
      responses: { 201: Text };
    };
  };
  '/w/{workspace}/scripts/infer_signature': {
    post: InWorkspace & {
      requestBody: Body<{ language: string; content: string }>;
      responses: { 200: Json<components['schemas']['InferredSignature']> };
    };
  };
  '/w/{workspace}/folders/listnames': {
    get: InWorkspace & { responses: { 200: Json<string[]> } };
  };
  '/w/{workspace}/resources/list': {
    get: {
      parameters: { path: { workspace: string }; query?: { resource_type?: string } };
      responses: { 200: Json<{ path: string }[]> };
    };
  };
  '/w/{workspace}/scripts/archive/p/{path}': { post: AtPath & { responses: { 200: Text } } };
  '/w/{workspace}/scripts/delete/p/{path}': { post: AtPath & { responses: { 200: Text } } };
  '/w/{workspace}/jobs/run/preview': {
    post: InWorkspace & {
      requestBody: Body<components['schemas']['Preview']>;
      responses: { 201: Text };
    };
  };
  '/w/{workspace}/jobs/run/p/{path}': {
    post: AtPath & { requestBody: Body<components['schemas']['Args']>; responses: { 201: Text } };
  };
  '/w/{workspace}/jobs/run/h/{hash}': {
    post: AtHash & { requestBody: Body<components['schemas']['Args']>; responses: { 201: Text } };
  };
  '/w/{workspace}/jobs/list': {
    get: {
      parameters: {
        path: { workspace: string };
        query?: {
          page?: number;
          per_page?: number;
          script_path_exact?: string;
          script_path_start?: string;
          script_hash?: string;
          created_by?: string;
          created_before?: string;
          created_after?: string;
          job_kinds?: string;
          running?: boolean;
          success?: boolean;
          status?: string;
          has_null_parent?: boolean;
        };
      };
      responses: { 200: Json<components['schemas']['Job'][]> };
    };
  };
  '/w/{workspace}/jobs_u/get/{id}': {
    get: {
      parameters: {
        path: { workspace: string; id: string };
        query?: { no_logs?: boolean; no_code?: boolean };
      };
      responses: { 200: Json<components['schemas']['Job']> };
    };
  };
  '/w/{workspace}/jobs_u/getupdate_sse/{id}': {
    get: {
      parameters: {
        path: { workspace: string; id: string };
        query?: { running?: boolean; log_offset?: number; stream_offset?: number };
      };
      responses: { 200: { content: { 'text/event-stream': string } } };
    };
  };
  '/w/{workspace}/jobs_u/get_logs/{id}': { get: OfJob & { responses: { 200: Text } } };
  '/w/{workspace}/jobs_u/completed/get_result/{id}': {
    get: OfJob & { responses: { 200: Json<unknown> } };
  };
  '/w/{workspace}/jobs_u/queue/cancel/{id}': {
    post: OfJob & { requestBody: Body<{ reason?: string }>; responses: { 200: Text } };
  };
}

export interface components {
  schemas: {
    Args: Record<string, unknown>;
    GlobalUser: {
      email: string;
      super_admin: boolean;
      name?: string;
      username?: string;
      login_type?: string;
      first_time_user?: boolean;
    };
    UserWorkspaces: { email: string; workspaces: components['schemas']['UserWorkspace'][] };
    UserWorkspace: {
      id: string;
      name: string;
      username: string;
      color?: string;
      disabled?: boolean;
    };
    WorkspaceUser: {
      email: string;
      username: string;
      is_admin: boolean;
      operator: boolean;
      disabled?: boolean;
      groups?: string[];
      folders?: string[];
    };
    Script: {
      hash: string;
      path: string;
      summary: string;
      description: string;
      content: string;
      language: string;
      kind: string;
      created_by: string;
      created_at: string;
      archived: boolean;
      deleted: boolean;
      schema?: Record<string, unknown>;
      lock?: string;
      tag?: string;
      timeout?: number;
      parent_hashes?: string[];
      lock_error_logs?: string;
      extra_perms?: Record<string, boolean>;
    };
    InferredSignature: {
      schema?: Record<string, unknown>;
      signature?: { no_main_func?: boolean; has_preprocessor?: boolean; star_kwargs?: boolean };
      error?: string | { message: string; line?: number; column?: number };
    };
    ScriptVersion: { script_hash: string; created_at?: string; deployment_msg?: string };
    NewScript: {
      path: string;
      summary: string;
      description?: string;
      content: string;
      language: string;
      kind?: string;
      schema?: Record<string, unknown>;
      lock?: string;
      tag?: string;
      timeout?: number;
      parent_hash?: string;
      deployment_message?: string;
    };
    Preview: {
      content: string;
      language: string;
      args: components['schemas']['Args'];
      path?: string;
      tag?: string;
    };
    Job: {
      type: 'QueuedJob' | 'CompletedJob';
      id: string;
      workspace_id: string;
      parent_job?: string;
      created_by: string;
      created_at: string;
      started_at?: string;
      scheduled_for?: string;
      completed_at?: string;
      duration_ms?: number;
      script_path?: string;
      script_hash?: string;
      args?: components['schemas']['Args'];
      logs?: string;
      raw_code?: string;
      running?: boolean;
      success?: boolean;
      result?: unknown;
      canceled: boolean;
      canceled_by?: string;
      canceled_reason?: string;
      is_skipped?: boolean;
      suspend?: number;
      job_kind: string;
      schedule_path?: string;
      permissioned_as: string;
      email: string;
      language?: string;
      tag: string;
      worker?: string;
      mem_peak?: number;
      sandbox?: string;
      attempt?: number;
      timeout?: number;
      labels?: string[];
      trigger_kind?: string;
    };
  };
}

interface Json<T> {
  content: { 'application/json': T };
}

interface Text {
  content: { 'text/plain': string };
}

interface Body<T> {
  content: { 'application/json': T };
}

interface InWorkspace {
  parameters: { path: { workspace: string } };
}

interface AtPath {
  parameters: { path: { workspace: string; path: string } };
}

interface AtHash {
  parameters: { path: { workspace: string; hash: string } };
}

interface OfJob {
  parameters: { path: { workspace: string; id: string } };
}
