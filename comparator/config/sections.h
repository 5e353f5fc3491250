#pragma once

#include "comparator/config/reader.h"

/// The sections of the file below its first level, each into its part of the configuration.
namespace comparator {

void read_side(Reader& reader, const Node& node, SideConfig& side);
void read_rewrite(Reader& reader, const Node& node, RewriteConfig& rewrite);
void read_client_tls(Reader& reader, const Node& node, std::optional<ClientTlsConfig>& tls);
void read_admin(Reader& reader, const Node& node, AdminConfig& admin);
void read_access_log(Reader& reader, const Node& node, AccessLogConfig& log);
void read_limits(Reader& reader, const Node& node, LimitsConfig& limits);
void read_forward(Reader& reader, const Node& node, ForwardConfig& forward);
void read_compare(Reader& reader, const Node& node, CompareConfig& compare);
void read_redact(Reader& reader, const Node& node, RedactConfig& redact);
void read_endpoint(Reader& reader, const Node& node, Endpoint& endpoint);
void read_name_servers(Reader& reader, const Node& node, std::vector<std::string>& servers);
void read_store(Reader& reader, const Node& node, std::string& store);

/// What is wrong with the name of a store, or an empty text.
std::string store_problem(std::string_view store);

}  // namespace comparator
