#pragma once

#include "comparator/admin/message.h"
#include "comparator/config/config.h"

/// Who may ask: checked before anything is looked up.
namespace comparator::admin {

/// Throws ApiError 405 for anything but GET and HEAD.
void require_readonly(const Request& request);

/// Against DNS rebinding: on loopback a page of any site could reach us under a name of its own, but the browser then
/// names that site in `Host`. Throws ApiError 400 without exactly one `Host`, 421 for a host that is not this machine.
void require_local_host(const Request& request, const AdminConfig& config);

/// Throws ApiError 401 unless there are no tokens or the request bears one of them. Takes the same time whatever the
/// tokens and the guess have in common.
void require_token(const Request& request, const AdminConfig& config);

}  // namespace comparator::admin
