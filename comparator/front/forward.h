#pragma once

#include <string>

#include "comparator/exchange.h"
#include "comparator/front/forwarding.h"
#include "comparator/http/head.h"

/// What a proxy changes on a message's way (RFC 9110 section 7.6): nothing but hop-by-hop fields and framing.
namespace comparator::front {

/// Whether the request asks to switch protocols in a way that is passed on: in HTTP/1.1, without a body, and to nothing
/// that is HTTP again. h2c would change the protocol under our feet, and has smuggled requests past proxies. RFC 9110
/// section 7.8.
bool asks_to_switch(const http::RequestHead& head);

/// Whether a 101 names protocols, and only such as the request, as it was sent to the side, has offered.
bool switches_as_asked(std::string_view request_head, const http::AnswerHead& answer);

/// Writes the request as the serving side gets it into exchange.request_head, with the places a copy leaves out.
void write_request(const http::RequestHead& head, const Passage& passage, Exchange& exchange);

/// How an answer goes on to the client.
struct AnswerShape {
  bool client_is_1_0 = false;
  bool close = false;      ///< Tell the client that the connection ends.
  bool switching = false;  ///< 101: Upgrade and Connection: upgrade stay.
};

/// Appends the answer's head as the client gets it to `out`. A 426 keeps its Upgrade, unless that names HTTP.
void write_answer(const http::AnswerHead& head, const AnswerShape& shape, std::string& out);

/// Our answer to an OPTIONS request that may not be passed on (RFC 9110 section 7.6.2), with `Connection: close`.
std::string options_answer();

/// An answer of our own, always with a problem body (RFC 9457) and `Connection: close`.
std::string problem_answer(int status, std::string_view detail, bool head_request);

/// Status and the compared headers of an answer in one form that is equal when they are.
void write_compared(const http::AnswerHead& head, const Plan& plan, std::string& out);

}  // namespace comparator::front
