#include "comparator/front/forwarding.h"

#include <algorithm>
#include <utility>

#include "comparator/http/lines.h"

namespace comparator::front {
namespace {

std::string_view asked_host(const http::RequestHead& head) {
  return head.authority.empty() ? head.value_of(http::Known::host) : head.authority;
}

// RFC 7239 section 4: what is no token is quoted. Hosts hold neither quotes nor backslashes.
std::string quoted(std::string_view text) {
  return http::is_token(text) ? std::string(text) : '"' + std::string(text) + '"';
}

// RFC 7239 sections 5 and 6.
std::string forwarded_element(const std::string& client, std::string_view host, std::string_view protocol) {
  const bool v6 = client.find(':') != std::string::npos;
  auto element = "for=" + (client.empty() ? "unknown" : v6 ? "\"[" + client + "]\"" : client);
  if (!host.empty()) element += ";host=" + quoted(host);
  return element.append(";proto=").append(protocol);
}

// The receiver in `1.1 name (comment)`: RFC 9110 section 7.6.3.
std::string_view received_by(std::string_view via) {
  const auto at = via.find_first_of(" \t");
  if (at == std::string_view::npos) return {};
  const auto rest = http::trim(via.substr(at));
  return rest.substr(0, rest.find_first_of(" \t"));
}

}  // namespace

bool came_round(const http::RequestHead& head, const ForwardConfig& forward) {
  if (!head.loop_mark && !forward.via) return false;
  bool found = false;
  for (const auto& field : head.fields) {
    if (field.kind == http::Known::twinrun_loop) {
      found |= http::has_token(field.value, forward.instance);
    } else if (forward.via && http::same_name(field.name, "via")) {
      http::each_list_item(
          field.value, [&](std::string_view item) { found |= http::same_name(received_by(item), forward.instance); });
    }
  }
  return found;
}

Forwarded::Forwarded(const http::RequestHead& head, const Passage& passage) : head_(head) {
  const auto& forward = passage.forward;
  const std::string_view protocol = passage.secure ? "https" : "http";
  const auto host = asked_host(head);
  if (forward.via) {
    want("Via", (head.minor_version == 0 ? "1.0 " : "1.1 ") + forward.instance, Forwarding::append, true);
  }
  if (forward.forwarded != Forwarding::off) {
    want("Forwarded", forwarded_element(host_of(passage.client), host, protocol), forward.forwarded, true);
  }
  if (forward.x_forwarded != Forwarding::off) {
    want("X-Forwarded-For", host_of(passage.client), forward.x_forwarded, true);
    want("X-Forwarded-Proto", std::string(protocol), forward.x_forwarded, false);
    want("X-Forwarded-Host", std::string(host), forward.x_forwarded, false);
  }
}

void Forwarded::want(std::string_view name, std::string value, Forwarding how, bool list) {
  auto& added = added_[count_++] = {name, std::move(value), how, list};
  for (std::size_t i = 0; i < head_.fields.size(); ++i) {
    if (http::same_name(head_.fields[i].name, name) && !head_.hop_by_hop(head_.fields[i])) added.last = i;
  }
}

const Forwarded::Added* Forwarded::find(std::size_t field) const {
  const auto end = added_.begin() + static_cast<std::ptrdiff_t>(count_);
  const auto found = std::find_if(
      added_.begin(), end, [&](const Added& added) { return http::same_name(added.name, head_.fields[field].name); });
  return found == end ? nullptr : &*found;
}

bool Forwarded::take(std::size_t field, std::string& out) const {
  const auto* added = find(field);
  if (added == nullptr) return false;
  if (added->how == Forwarding::replace) return true;
  const auto& there = head_.fields[field];
  if (!added->list || field != added->last || added->value.empty()) {
    out += there.line;
    return true;
  }
  out.append(there.name).append(": ").append(there.value);
  if (!there.value.empty()) out += ", ";
  out.append(added->value).append("\r\n");
  return true;
}

void Forwarded::finish(std::string& out) const {
  for (std::size_t i = 0; i < count_; ++i) {
    const auto& added = added_[i];
    const bool there = added.last != kNowhere && added.how == Forwarding::append;
    if (!there && !added.value.empty()) out.append(added.name).append(": ").append(added.value).append("\r\n");
  }
}

}  // namespace comparator::front
